import TextField from '@mui/material/TextField';
import { useLanguage } from '../../i18n/staff';
import type { FieldProps } from './fieldProps';

const LONGEST_REFERENCE = 140;

export function ReferenceInput({ value, onChange, wrong }: Pick<FieldProps, 'value' | 'onChange' | 'wrong'>) {
  const { t } = useLanguage();
  return (
    <TextField
      name="reference"
      label={t('resources.transfers.fields.reference')}
      value={value}
      autoComplete="off"
      error={Boolean(wrong)}
      helperText={wrong}
      onChange={event => onChange(event.target.value.slice(0, LONGEST_REFERENCE))}
    />
  );
}
