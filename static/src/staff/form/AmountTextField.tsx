import TextField, { type TextFieldProps } from '@mui/material/TextField';
import { type ReactNode, useState } from 'react';
import { useTranslate } from 'react-admin';
import { formatTypedAmount, isTyping, parseAmount } from '../../format/amountInput';
import { tabularNumbers } from '../../theme';

type Props = Omit<TextFieldProps, 'value' | 'onChange' | 'slotProps'> & {
  value: string;
  onChange: (text: string) => void;
  currency?: string | null;
  scale: number;
  large?: boolean;
  helperText?: ReactNode;
};

/** A field for an amount as people write it. What cannot be read stays, with what is wrong once the reader has gone on. */
export function AmountTextField({
  value,
  onChange,
  currency,
  scale,
  large,
  error,
  helperText,
  onBlur,
  ...rest
}: Props) {
  const t = useTranslate();
  const [isFocused, setFocused] = useState(false);
  const problem = parseAmount(value, scale, currency ?? undefined).error;
  const isShown = !isFocused && problem !== null && problem !== 'empty';
  return (
    <TextField
      {...rest}
      fullWidth
      value={value}
      autoComplete="off"
      error={error || isShown}
      helperText={
        isShown
          ? t(`staff.wrong_amount.${problem}${scale === 0 && problem !== 'too_large' ? '_whole' : ''}`, { scale })
          : helperText
      }
      onFocus={() => setFocused(true)}
      onBlur={event => {
        setFocused(false);
        onBlur?.(event);
      }}
      onChange={event => onChange(formatTypedAmount(value, event.target.value, scale, isTyping(event)))}
      slotProps={{
        htmlInput: { inputMode: 'decimal' },
        input: { sx: large ? { ...tabularNumbers, fontSize: '1.125rem' } : tabularNumbers, endAdornment: currency },
        formHelperText: { 'aria-live': 'polite' },
      }}
    />
  );
}
