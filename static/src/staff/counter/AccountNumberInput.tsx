import TextField from '@mui/material/TextField';
import { formatPartialAccountNumber, normalizeAccountNumber } from '../../format/accountNumber';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';
import type { AccountRecord } from '../api/records';
import type { FieldProps } from './fieldProps';

/** An account number, with its owner's name once it is known. */
export function AccountNumberInput({
  name,
  label,
  value,
  onChange,
  wrong,
  account,
  unknown,
  autoFocus,
}: FieldProps & { account?: AccountRecord; unknown: boolean; autoFocus?: boolean }) {
  const { t } = useLanguage();
  const owner =
    account && [account.owner.name || account.owner.username, account.type.name].filter(Boolean).join(' · ');
  return (
    <TextField
      required
      autoFocus={autoFocus}
      name={name}
      label={label}
      value={formatPartialAccountNumber(value)}
      autoComplete="off"
      error={unknown || Boolean(wrong)}
      helperText={wrong ?? (unknown ? t('counter.unknownAccount') : owner || ' ')}
      onChange={event => onChange(normalizeAccountNumber(event.target.value))}
      slotProps={{ input: { sx: tabularNumbers }, formHelperText: { 'aria-live': 'polite' } }}
    />
  );
}
