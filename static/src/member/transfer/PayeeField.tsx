import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api } from '../../api/client';
import { asFailure } from '../../api/problem';
import type { Payee } from '../../api/types';
import { useLanguage } from '../../i18n';
import { figures } from '../../theme';
import { failureText } from '../parts';

/** A value once it has not changed for a while. */
export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

const SHORTEST = 3;

/** Who has the account of that number, looked up while it is typed. */
export function usePayee(number: string) {
  const asked = useSettled(number, 250);
  const query = useQuery({
    queryKey: ['payee', asked],
    queryFn: ({ signal }) => api.payee(asked, signal),
    enabled: asked.length >= SHORTEST && asked === number,
    staleTime: 60_000,
  });
  const settled = asked === number && number.length >= SHORTEST;
  const unknown = settled && query.isError && asFailure(query.error).status === 404;
  return { payee: settled ? query.data : undefined, unknown, looking: number.length >= SHORTEST && !unknown && !query.isError && (!settled || query.isFetching), error: settled && query.isError && !unknown ? query.error : null };
}

interface Props {
  value: string;
  onChange: (value: string) => void;
  found: ReturnType<typeof usePayee>;
  error: string | null;
  without: string;
}

/** The payee's number with the name that belongs to it, and whom one sent money before. */
export function PayeeField({ value, onChange, found, error, without }: Props) {
  const { t } = useLanguage();
  const recent = useQuery({ queryKey: ['payees'], queryFn: api.recentPayees, staleTime: 30_000 }).data?.data.filter(payee => payee.number !== without).slice(0, 5);
  const said = error ?? (found.unknown ? t('transfer.unknownPayee') : found.error ? failureText(t, found.error) : found.looking ? t('transfer.looking') : found.payee ? named(found.payee, t('transfer.own')) : t('transfer.toHelp'));
  return (
    <Box>
      <TextField
        fullWidth name="to" label={t('transfer.to')} value={value} autoComplete="off" error={Boolean(error) || found.unknown} helperText={said}
        onChange={event => onChange(event.target.value.normalize('NFKC').replace(/[^0-9A-Za-z]/g, '').slice(0, 20))}
        slotProps={{ htmlInput: { inputMode: 'numeric', maxLength: 24, spellCheck: false }, input: { sx: figures }, formHelperText: { 'aria-live': 'polite', sx: found.payee && !error ? { color: 'success.main', fontWeight: 600 } : undefined } }}
      />
      {Boolean(recent?.length) && (
        <Box role="group" aria-label={t('transfer.recent')} sx={{ display: 'flex', gap: 1, flexWrap: 'wrap', mt: 1 }}>
          <Typography variant="caption" color="text.secondary" sx={{ alignSelf: 'center' }}>{t('transfer.recent')}</Typography>
          {recent?.map(payee => <Chip key={payee.number} clickable variant={payee.number === value ? 'filled' : 'outlined'} label={`${payee.name} · ${payee.number.slice(-4)}`} onClick={() => onChange(payee.number)} sx={figures} />)}
        </Box>
      )}
    </Box>
  );
}

const named = (payee: Payee, own: string) => (payee.own ? `${payee.name} · ${own}` : payee.name);
