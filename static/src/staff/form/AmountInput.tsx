import InputAdornment from '@mui/material/InputAdornment';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { FieldTitle, InputHelperText, useInput, useRecordContext, useResourceContext } from 'react-admin';
import { useWatch } from 'react-hook-form';
import { field, parse, typed } from '../../format/money';
import { figures } from '../../theme';

interface Props {
  source: string;
  helperText?: string;
  validate?: (value: unknown) => string | undefined;
  disabled?: boolean;
}

/** An amount in minor units, typed as people write it in the record's currency. */
export function AmountInput({ source, helperText, validate, disabled }: Props) {
  const resource = useResourceContext();
  const record = useRecordContext();
  const currency = (useWatch({ name: 'currency' }) as string | undefined) ?? (record?.currency as string | undefined);
  const scale = (record?.scale as number | null | undefined) ?? scaleOf(currency);
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

/** The decimals of a currency where there is no record yet that has them. */
function scaleOf(currency: string | undefined): number {
  if (!currency || !/^[A-Z]{3}$/.test(currency)) return 0;
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 0;
}
