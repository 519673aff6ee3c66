import { useState } from 'react';
import { useTranslate } from 'react-admin';
import { amountToInput, parseAmount } from '../../format/amountInput';
import { AmountTextField } from '../form/AmountTextField';

/** A field for an amount of a movement, with the most that it can be at first. */
export function useAmountField(most: number, scale: number, currency: string | null | undefined) {
  const t = useTranslate();
  // What was typed stays, although what is left can change meanwhile.
  const [edited, setEdited] = useState<string | null>(null);
  const text = edited ?? amountToInput(most, scale);
  const minor = parseAmount(text, scale, currency ?? undefined).minor ?? 0;
  const wrong = minor <= 0 || minor > most;
  const input = (
    <AmountTextField
      autoFocus
      label={t('staff.amount')}
      value={text}
      error={wrong}
      helperText={t('staff.at_most', { amount: amountToInput(most, scale) })}
      onChange={setEdited}
      scale={scale}
      currency={currency}
    />
  );
  return { minor, wrong, input, reset: () => setEdited(null) };
}
