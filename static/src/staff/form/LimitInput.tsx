import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { FieldTitle, InputHelperText, useInput, useResourceContext } from 'react-admin';
import { amountToInput, parseAmount } from '../../format/amountInput';
import { useLanguage } from '../../i18n/staff';
import { AmountTextField } from './AmountTextField';
import { useFormCurrency } from './useFormCurrency';

/** The API's value for "the type's limit applies". */
const INHERITED = -1;

type Way = 'inherited' | 'none' | 'amount';
const wayOf = (value: number | null): Way => (value === null ? 'none' : value === INHERITED ? 'inherited' : 'amount');

/** An input for a limit: the type's, none, or an amount, where 0 forbids transfers. */
export function LimitInput({
  source,
  inherits = false,
  helperText,
}: {
  source: string;
  inherits?: boolean;
  helperText?: string;
}) {
  const { t } = useLanguage();
  const resource = useResourceContext();
  const { currency, scale } = useFormCurrency();
  const [text, setText] = useState<string | null>(null);
  // An empty amount is not zero, which would forbid transfers.
  const validate = (value: number | null) =>
    Number.isNaN(value)
      ? t('staff.wrongAmount.short')
      : value === 0 && text === ''
        ? t('ra.validation.required')
        : undefined;
  const {
    field: input,
    fieldState,
    id,
  } = useInput({
    source,
    validate,
    defaultValue: inherits ? INHERITED : null,
    format: (value: number | null) => value,
    parse: (value: number | null) => value,
  });
  const value = (input.value === '' ? null : input.value) as number | null;
  const way = wayOf(value);
  const parseText = (typed: string) => {
    const { minor, error } = parseAmount(typed, scale, currency);
    return error === 'empty' ? 0 : (minor ?? NaN);
  };
  const shown =
    text !== null && Object.is(parseText(text), value)
      ? text
      : way === 'amount' && !Number.isNaN(value)
        ? amountToInput(value ?? 0, scale)
        : '';
  const choose = (next: Way) => {
    setText(next === 'amount' ? '' : null);
    input.onChange(next === 'none' ? null : next === 'inherited' ? INHERITED : 0);
  };
  return (
    <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' }, gap: 1.5, width: '100%', pb: 1.5 }}>
      <TextField
        select
        fullWidth
        label={<FieldTitle source={source} resource={resource} />}
        value={way}
        onChange={event => choose(event.target.value as Way)}
        error={fieldState.invalid}
        helperText={<InputHelperText error={fieldState.error?.message} helperText={helperText ?? false} />}
      >
        {inherits && <MenuItem value="inherited">{t('staff.limit.inherited')}</MenuItem>}
        <MenuItem value="none">{t('staff.limit.none')}</MenuItem>
        <MenuItem value="amount">{t('staff.limit.amount')}</MenuItem>
      </TextField>
      {way === 'amount' && (
        <AmountTextField
          id={id}
          label={t('staff.amountOf', { name: t.optional(`resources.${resource}.fields.${source}`, source) })}
          value={shown}
          onBlur={input.onBlur}
          inputRef={input.ref}
          currency={currency}
          scale={scale}
          error={fieldState.invalid}
          helperText={
            fieldState.error?.message ? (
              <InputHelperText error={fieldState.error.message} />
            ) : value === 0 && text !== '' ? (
              t('staff.limit.zero')
            ) : (
              ' '
            )
          }
          onChange={next => {
            setText(next);
            input.onChange(parseText(next));
          }}
        />
      )}
    </Box>
  );
}
