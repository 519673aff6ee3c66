import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useTranslate } from 'react-admin';
import { field, parse, typed } from '../../format/money';

/** A field for an amount of a movement, with the most that it can be at first. */
export function useAmount(most: number, scale: number) {
  const t = useTranslate();
  // What was typed stays, although what is left can change meanwhile.
  const [edited, setEdited] = useState<string | null>(null);
  const text = edited ?? field(most, scale);
  const minor = parse(text, scale).minor ?? 0;
  const wrong = minor <= 0 || minor > most;
  const input = <TextField fullWidth autoFocus label={t('staff.amount')} value={text} error={wrong} helperText={t('staff.at_most', { amount: field(most, scale) })} onChange={event => setEdited(typed(event.target.value, scale))} slotProps={{ htmlInput: { inputMode: 'decimal' } }} />;
  return { minor, wrong, input, reset: () => setEdited(null) };
}
