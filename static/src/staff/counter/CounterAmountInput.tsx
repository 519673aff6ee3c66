import { useLanguage } from '../../i18n/staff';
import { AmountTextField } from '../form/AmountTextField';
import type { FieldProps } from './fieldProps';

interface InCurrency {
  currency?: string | null;
  scale?: number | null;
}

/** An amount in the account's currency. With a `hint`, it may be left empty. */
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
