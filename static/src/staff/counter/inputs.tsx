/** The fields of the counter's forms. */
import TextField from '@mui/material/TextField';
import { formatPartialAccountNumber, normalizeAccountNumber } from '../../format/accountNumber';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';
import type { AccountRecord } from '../api/records';
import { AmountTextField } from '../form/AmountTextField';

const LONGEST_LABEL = 10;
const LONGEST_REFERENCE = 140;

interface FieldProps {
  name: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What the service refused about it. */
  wrong?: string;
}

/** An account's number; with `account` as soon as it is known whose it is. */
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

interface InCurrency {
  currency?: string | null;
  scale?: number | null;
}

/** An amount in the currency of the account that pays or is paid; with a `hint` at what it means to leave it out. */
export function CounterAmountInput({
  value,
  onChange,
  wrong,
  of,
  hint,
}: Pick<FieldProps, 'value' | 'onChange' | 'wrong'> & { of?: InCurrency; hint?: string }) {
  const { t } = useLanguage();
  return (
    <AmountTextField
      required={!hint}
      name="amount"
      label={t('counter.amount')}
      value={value}
      error={Boolean(wrong)}
      helperText={wrong ?? hint ?? ' '}
      onChange={onChange}
      currency={of?.currency}
      scale={of?.scale ?? 0}
      large
    />
  );
}

/** What stands on a statement: up to 10 characters, as they are counted by those who read them. */
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
