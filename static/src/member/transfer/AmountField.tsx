import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useLayoutEffect, useRef, useState } from 'react';
import { amountToInput, formatTypedAmount, isTyping, parseAmount } from '../../format/amountInput';
import { caretPosition } from '../../format/caret';
import { formatAmount, formatWonInHangul, MAX_AMOUNT } from '../../format/money';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';
import { useAmountError } from './useAmountError';

interface Props {
  value: string;
  onChange: (value: string) => void;
  currency: string;
  scale: number;
  available: number | null;
  /** Whether the form was submitted, so that an empty amount is an error. */
  asked: boolean;
  /** The bank's refusal. */
  refused?: string | null;
  /** The largest possible amount, offered in place of the quick amounts. */
  possible?: number | null;
}

/** Returns common amounts of a currency, in minor units. */
const quickAmounts = (currency: string, scale: number): number[] =>
  currency === 'KRW'
    ? [10_000, 50_000, 100_000, 1_000_000]
    : [10, 50, 100].map(whole => whole * 10 ** scale).filter(minor => minor <= MAX_AMOUNT);

const isPart = (character: string) => /[\d.]/.test(character);

/** An amount, grouped while it is typed, with buttons that add common amounts. */
export function AmountField({
  value,
  onChange,
  currency,
  scale,
  available,
  asked,
  refused = null,
  possible = null,
}: Props) {
  const { t, language } = useLanguage();
  const input = useRef<HTMLInputElement>(null);
  const caretPositionRef = useRef<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies(value): the caret is set after the field shows the new value
  useLayoutEffect(() => {
    if (caretPositionRef.current !== null)
      input.current?.setSelectionRange(caretPositionRef.current, caretPositionRef.current);
    caretPositionRef.current = null;
  }, [value]);
  const add = (minor: number) => {
    const before = parseAmount(value, scale, currency).minor ?? 0;
    onChange(amountToInput(Math.min(MAX_AMOUNT, before + minor), scale));
  };
  const amountError = useAmountError();
  const [isFocused, setFocused] = useState(false);
  const parsed = parseAmount(value, scale, currency).minor;
  // An incomplete amount is not an error yet: it is checked when the field loses the focus or the form is submitted.
  const error = (asked || !isFocused ? amountError(value, { currency, scale }, asked) : null) ?? refused;
  const inWords = language === 'ko' && currency === 'KRW' && parsed !== null ? formatWonInHangul(parsed) : '';
  return (
    <Box>
      <TextField
        fullWidth
        name="amount"
        label={t('transfer.amount')}
        value={value}
        error={Boolean(error)}
        helperText={error ?? (inWords || ' ')}
        autoComplete="off"
        inputRef={input}
        onChange={event => {
          const next = formatTypedAmount(value, event.target.value, scale, isTyping(event));
          // A text that was not reformatted keeps its caret.
          if (next !== event.target.value)
            caretPositionRef.current = caretPosition(
              event.target.value,
              event.target.selectionStart ?? event.target.value.length,
              next,
              isPart,
            );
          onChange(next);
        }}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        slotProps={{
          htmlInput: { inputMode: scale === 0 ? 'numeric' : 'decimal' },
          input: {
            sx: { '& input': { ...tabularNumbers, fontSize: '1.5rem', fontWeight: 620 } },
            endAdornment: (
              <Typography color="textSecondary" sx={{ fontWeight: 560 }}>
                {currency === 'KRW' && language === 'ko' ? '원' : currency}
              </Typography>
            ),
          },
          formHelperText: { 'aria-live': 'polite' },
        }}
      />
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', mt: 0.5 }}>
        {quickAmounts(currency, scale).map(minor => (
          <Chip
            key={minor}
            clickable
            variant="outlined"
            label={`+${formatAmount(minor, scale).replace(/\.0+$/, '')}`}
            onClick={() => add(minor)}
            sx={tabularNumbers}
          />
        ))}
        {possible !== null && possible > 0 ? (
          <Chip
            clickable
            color="primary"
            label={t('transfer.useThat', { amount: formatAmount(possible, scale) })}
            onClick={() => onChange(amountToInput(possible, scale))}
            sx={tabularNumbers}
          />
        ) : (
          available !== null &&
          available > 0 && (
            <Chip
              clickable
              variant="outlined"
              label={t('transfer.everything')}
              onClick={() => onChange(amountToInput(available, scale))}
            />
          )
        )}
      </Box>
    </Box>
  );
}
