import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import Paper from '@mui/material/Paper';
import TextField from '@mui/material/TextField';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { Confirm, Title, useTranslate } from 'react-admin';
import { api } from '../api/client';
import { asFailure } from '../api/problem';
import { send } from '../api/http';
import { digits, parse, typed } from '../format/money';
import { Failed } from '../member/parts';
import { useSettled } from '../member/transfer/useSettled';
import { newKey } from '../send/attempt';

/** The teller's desk: cash in and cash out. */
export default function Counter() {
  const t = useTranslate();
  const [kind, setKind] = useState<'deposit' | 'withdrawal'>('deposit');
  const [number, setNumber] = useState('');
  const [amount, setAmount] = useState('');
  const [label, setLabel] = useState('');
  const [asking, ask] = useState(false);
  const attempt = useRef({ of: '', key: '' });
  const asked = useSettled(number, 300);
  const account = useQuery({ queryKey: ['desk', asked], queryFn: () => api.account(asked), enabled: asked.length > 2, retry: false });
  const found = asked === number ? account.data : undefined;
  const minor = parse(amount, found?.scale ?? 0).minor ?? 0;
  const booking = useMutation({
    mutationFn: () => {
      const body = { [kind === 'deposit' ? 'to' : 'from']: number, amount: minor, ...(label && { label }) };
      const of = kind + JSON.stringify(body);
      // Until an answer came the same order keeps its key.
      if (attempt.current.of !== of) attempt.current = { of, key: newKey() };
      return send('POST', kind === 'deposit' ? '/deposits' : '/withdrawals', { body, key: attempt.current.key });
    },
    onSuccess: () => { attempt.current = { of: '', key: '' }; setAmount(''); void account.refetch(); },
    onError: error => { if (asFailure(error).definite) attempt.current = { of: '', key: '' }; },
  });
  const submit = (event: FormEvent) => { event.preventDefault(); if (found && minor > 0) ask(true); };
  const shown = found ? `${digits(minor, found.scale)} ${found.currency}` : '';
  return (
    <Paper variant="outlined" component="form" onSubmit={submit} sx={{ p: 3, maxWidth: 480, mt: 2, display: 'grid', gap: 2.5 }}>
      <Title title={t('staff.counter')} />
      <Failed error={booking.error} />
      {booking.isSuccess && <Alert severity="success" role="status">{t('staff.booked', { amount: '' })}</Alert>}
      <TextField select label={t('resources.transfers.fields.kind')} value={kind} onChange={event => setKind(event.target.value as typeof kind)}>{(['deposit', 'withdrawal'] as const).map(one => <MenuItem key={one} value={one}>{t(`staff.${one}`)}</MenuItem>)}</TextField>
      <TextField required label={t('staff.account')} value={number} onChange={event => setNumber(event.target.value.trim())} error={account.isError} helperText={account.isError ? t('staff.unknown_account') : found ? `${found.owner.name ?? found.owner.username ?? ''} · ${found.type.name} · ${digits(found.available, found.scale)} ${found.currency}` : ' '} />
      <TextField required label={t('staff.amount')} value={amount} onChange={event => setAmount(typed(event.target.value, found?.scale ?? 0))} slotProps={{ htmlInput: { inputMode: 'decimal' } }} />
      <TextField label={t('staff.label')} value={label} onChange={event => setLabel([...event.target.value].slice(0, 10).join(''))} />
      <Box><Button type="submit" variant="contained" size="large" disabled={!found || minor === 0} loading={booking.isPending}>{t('staff.book')}</Button></Box>
      <Confirm isOpen={asking} title={t(`staff.${kind}`)} content={t('staff.confirm_cash', { kind: t(`staff.${kind}`), amount: shown, account: number })} onConfirm={() => { ask(false); booking.mutate(); }} onClose={() => ask(false)} />
    </Paper>
  );
}
