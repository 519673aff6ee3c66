import TextField from '@mui/material/TextField';
import { useEffect, useState } from 'react';
import { useTranslate } from 'react-admin';
import { field, parse, typed } from '../../format/money';

/** A field for an amount of a movement, with the most that it can be at first. */
export function useAmount(most: number, scale: number) {
  const t = useTranslate();
  const [text, setText] = useState(field(most, scale));
  // What is left changes with what is done.
  useEffect(() => setText(field(most, scale)), [most, scale]);
  const minor = parse(text, scale).minor ?? 0;
  const wrong = minor <= 0 || minor > most;
  const input = <TextField fullWidth autoFocus label={t('staff.amount')} value={text} error={wrong} helperText={t('staff.at_most', { amount: field(most, scale) })} onChange={event => setText(typed(event.target.value, scale))} slotProps={{ htmlInput: { inputMode: 'decimal' } }} />;
  return { minor, wrong, input };
}
