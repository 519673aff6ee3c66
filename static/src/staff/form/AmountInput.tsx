import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { FieldTitle, InputHelperText, useInput, useResourceContext } from 'react-admin';
import { field, parse, typed } from '../../format/money';
import { figures } from '../../theme';
import { useCurrency } from './useCurrency';

interface Props {
  source: string;
  helperText?: string;
  validate?: (value: unknown) => string | undefined;
  disabled?: boolean;
}

/** An amount in minor units, typed as people write it in the record's currency. */
export function AmountInput({ source, helperText, validate, disabled }: Props) {
  const resource = useResourceContext();
  const { currency, scale } = useCurrency();
  const { field: input, fieldState, id, isRequired } = useInput({ source, validate, defaultValue: null });
  const value = input.value as number | null | '';
  const [text, setText] = useState<string | null>(null);
  // What is typed stays as it is typed as long as it says the same as the value.
  const shown = text !== null && (parse(text, scale).minor ?? null) === (value === '' ? null : value) ? text : typeof value === 'number' ? field(value, scale) : '';
  return (
    <TextField
      id={id} fullWidth disabled={disabled} label={<FieldTitle source={source} resource={resource} isRequired={isRequired} />} value={shown} error={fieldState.invalid} onBlur={input.onBlur} inputRef={input.ref} name={input.name}
      helperText={<InputHelperText error={fieldState.error?.message} helperText={helperText ?? false} />}
      onChange={event => { const next = typed(event.target.value, scale); setText(next); input.onChange(parse(next, scale).minor ?? null); }}
      slotProps={{ htmlInput: { inputMode: 'decimal' }, input: { sx: figures, endAdornment: currency && <InputAdornment position="end">{currency}</InputAdornment> } }}
    />
  );
}
