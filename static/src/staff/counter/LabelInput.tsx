import TextField from '@mui/material/TextField';
import { useLanguage } from '../../i18n/staff';
import type { FieldProps } from './fieldProps';

const LONGEST_LABEL = 10;

/** A label on a statement: up to 10 characters, as people count them. */
export function LabelInput({ name, label, value, onChange, wrong }: FieldProps) {
  const { t } = useLanguage();
  return (
    <TextField
      name={name}
      label={label}
      value={value}
      autoComplete="off"
      error={Boolean(wrong)}
      helperText={wrong ?? t('counter.labelHelp')}
      onChange={event => onChange([...event.target.value].slice(0, LONGEST_LABEL).join(''))}
    />
  );
}
