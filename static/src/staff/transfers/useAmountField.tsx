import { useState } from 'react';
import { amountToInput, parseAmount } from '../../format/amountInput';
import { useLanguage } from '../../i18n/staff';
import { AmountTextField } from '../form/AmountTextField';

/** Returns a field for an amount of a transfer, which starts with its maximum. */
export function useAmountField(most: number, scale: number, currency: string | null | undefined) {
  const { t } = useLanguage();
  // The typed text stays, although the maximum may change meanwhile.
  const [edited, setEdited] = useState<string | null>(null);
  const text = edited ?? amountToInput(most, scale);
  const minor = parseAmount(text, scale, currency ?? undefined).minor ?? 0;
  const wrong = minor <= 0 || minor > most;
  const input = (
    <AmountTextField
      autoFocus
      label={t('counter.amount')}
      value={text}
      error={wrong}
      helperText={t('staff.atMost', { amount: amountToInput(most, scale) })}
      onChange={setEdited}
      scale={scale}
      currency={currency}
    />
  );
  return { minor, wrong, input, reset: () => setEdited(null) };
}
