import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useLayoutEffect, useRef } from 'react';
import { caret } from '../../format/caret';
import { digits, field, inHangul, MOST, parse, typed } from '../../format/money';
import { useLanguage } from '../../i18n';
import { figures } from '../../theme';

interface Props {
  value: string;
  onChange: (value: string) => void;
  currency: string;
  scale: number;
  available: number | null;
  error: string | null;
  /** What would be possible instead, offered where the quick amounts are. */
  possible?: number | null;
}

/** The quick amounts of a currency: what people send, in minor units. */
const quick = (currency: string, scale: number): number[] =>
  currency === 'KRW' ? [10_000, 50_000, 100_000, 1_000_000] : [10, 50, 100].map(whole => whole * 10 ** scale).filter(minor => minor <= MOST);

const isPart = (character: string) => /[\d.]/.test(character);

/** An amount, grouped as it is typed, with amounts to add by a press. */
export function AmountField({ value, onChange, currency, scale, available, error, possible = null }: Props) {
  const { t, language } = useLanguage();
  const input = useRef<HTMLInputElement>(null);
  const place = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (place.current !== null) input.current?.setSelectionRange(place.current, place.current);
    place.current = null;
  }, [value]);
  const add = (minor: number) => {
    const before = parse(value, scale).minor ?? 0;
    onChange(field(Math.min(MOST, before + minor), scale));
  };
  const read = parse(value, scale).minor;
  const words = language === 'ko' && currency === 'KRW' && read !== null ? inHangul(read) : '';
  return (
    <Box>
      <TextField
        fullWidth name="amount" label={t('transfer.amount')} value={value} error={Boolean(error)} helperText={error ?? (words || ' ')} autoComplete="off" inputRef={input}
        onChange={event => {
          const next = typed(event.target.value, scale);
          place.current = caret(event.target.value, event.target.selectionStart ?? event.target.value.length, next, isPart);
          onChange(next);
        }}
        slotProps={{
          htmlInput: { inputMode: scale === 0 ? 'numeric' : 'decimal', maxLength: 26 },
          input: { sx: { '& input': { ...figures, fontSize: '1.5rem', fontWeight: 620 } }, endAdornment: <Typography color="textSecondary" sx={{ fontWeight: 560 }}>{currency === 'KRW' && language === 'ko' ? '원' : currency}</Typography> },
          formHelperText: { 'aria-live': 'polite' },
        }}
      />
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', mt: 0.5 }}>
        {quick(currency, scale).map(minor => <Chip key={minor} clickable variant="outlined" label={`+${digits(minor, scale).replace(/\.0+$/, '')}`} onClick={() => add(minor)} sx={figures} />)}
        {possible !== null && possible > 0
          ? <Chip clickable color="primary" label={t('transfer.useThat', { amount: digits(possible, scale) })} onClick={() => onChange(field(possible, scale))} sx={figures} />
          : available !== null && available > 0 && <Chip clickable variant="outlined" label={t('transfer.everything')} onClick={() => onChange(field(available, scale))} />}
      </Box>
    </Box>
  );
}
