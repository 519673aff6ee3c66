import { useState } from 'react';
import { FieldTitle, InputHelperText, useInput, useResourceContext } from 'react-admin';
import { amountToInput, parseAmount } from '../../format/amountInput';
import { useLanguage } from '../../i18n/staff';
import { AmountTextField } from './AmountTextField';
import { useFormCurrency } from './useFormCurrency';

interface Props {
  source: string;
  helperText?: string;
  validate?: (value: unknown) => string | undefined;
  disabled?: boolean;
  /** The currency, if it is not the record's. */
  of?: { code: string; scale: number };
  size?: 'small';
}

/** An input for an amount in minor units, typed in the record's currency. */
export function AmountInput({ source, helperText, validate, disabled, of, size }: Props) {
  const { t } = useLanguage();
  const resource = useResourceContext();
  const own = useFormCurrency();
  const { currency, scale } = of ? { currency: of.code, scale: of.scale } : own;
  // An invalid amount is NaN, so that the form is not submitted. It must not be taken for an empty one.
  const isReadable = (value: unknown) => (Number.isNaN(value) ? t('staff.wrongAmount.short') : validate?.(value));
  const { field: input, fieldState, id, isRequired } = useInput({ source, validate: isReadable, defaultValue: null });
  const value = (input.value === '' ? null : input.value) as number | null;
  const [text, setText] = useState<string | null>(null);
  const parseText = (typed: string) => {
    const { minor, error } = parseAmount(typed, scale, currency);
    return error === 'empty' ? null : (minor ?? NaN);
  };
  // The typed text stays unchanged while it has the same value.
  const shown =
    text !== null && Object.is(parseText(text), value)
      ? text
      : typeof value === 'number' && !Number.isNaN(value)
        ? amountToInput(value, scale)
        : '';
  return (
    <AmountTextField
      id={id}
      size={size}
      disabled={disabled}
      label={<FieldTitle source={source} resource={resource} isRequired={isRequired} />}
      value={shown}
      error={fieldState.invalid}
      onBlur={input.onBlur}
      inputRef={input.ref}
      name={input.name}
      helperText={<InputHelperText error={fieldState.error?.message} helperText={helperText ?? false} />}
      currency={currency}
      scale={scale}
      onChange={next => {
        setText(next);
        input.onChange(parseText(next));
      }}
    />
  );
}
