import TextField, { type TextFieldProps } from '@mui/material/TextField';
import { type ReactNode, useState } from 'react';
import { formatTypedAmount, isTyping, parseAmount } from '../../format/amountInput';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';

type Props = Omit<TextFieldProps, 'value' | 'onChange' | 'slotProps'> & {
  value: string;
  onChange: (text: string) => void;
  currency?: string | null;
  scale: number;
  large?: boolean;
  helperText?: ReactNode;
};

/** A text field for an amount. An invalid text stays, and its error is shown once the field loses the focus. */
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
  const { t } = useLanguage();
  const [isFocused, setFocused] = useState(false);
  const problem = parseAmount(value, scale, currency ?? undefined).error;
  const errorText = (code: Exclude<typeof problem, null | 'empty'>) => {
    if (code === 'too_large') return t('staff.wrongAmount.too_large');
    if (code === 'too_precise') {
      return scale === 0 ? t('staff.wrongAmount.too_precise_whole') : t('staff.wrongAmount.too_precise', { scale });
    }
    return t(scale === 0 ? 'staff.wrongAmount.invalid_whole' : 'staff.wrongAmount.invalid');
  };
  const isShown = !isFocused && problem !== null && problem !== 'empty';
  return (
    <TextField
      {...rest}
      fullWidth
      value={value}
      autoComplete="off"
      error={error || isShown}
      helperText={isShown ? errorText(problem) : helperText}
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
