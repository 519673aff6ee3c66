import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Chip from '@mui/material/Chip';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api } from '../api/client';
import type { Account, Schedule } from '../api/types';
import { moment, plus, today } from '../format/dates';
import { money, parse } from '../format/money';
import { known, useLanguage } from '../i18n';
import { newKey } from '../send/attempt';
import { figures } from '../theme';
import { Card, Empty, Failed, Money, Page, Rows } from './parts';
import { useAccounts, useBank } from './session';
import { AmountField } from './transfer/AmountField';
import { PayeeField, usePayee } from './transfer/PayeeField';

/** Standing orders: what is sent by itself. */
export default function Schedules() {
  const { t } = useLanguage();
  const [adding, setAdding] = useState(false);
  const accounts = useAccounts()?.filter(account => account.status !== 'closed');
  const query = useQuery({ queryKey: ['schedules'], queryFn: api.schedules });
  const button = <Button variant="contained" disabled={!accounts?.length} onClick={() => setAdding(true)}>{t('schedules.new')}</Button>;
  const found = query.data?.data;
  return (
    <Page title={t('schedules.title')} aside={found?.length ? button : null}>
      {query.isError && <Failed error={query.error} retry={() => void query.refetch()} />}
      <Card flush>
        {!found ? <Rows count={3} /> : found.length === 0 ? <Empty title={t('schedules.none')} action={button}>{t('schedules.noneMore')}</Empty> : (
          <Box component="ul" sx={{ listStyle: 'none', m: 0, p: 0, '& li:first-of-type': { borderTop: 0 } }}>{found.map(one => <Row key={one.id} schedule={one} />)}</Box>
        )}
      </Card>
      {adding && accounts && <New accounts={accounts} onClose={() => setAdding(false)} />}
    </Page>
  );
}

function Row({ schedule }: { schedule: Schedule }) {
  const { t, language } = useLanguage();
  const { meta } = useBank();
  const client = useQueryClient();
  const [ending, setEnding] = useState(false);
  const steer = useMutation({
    mutationFn: (action: 'pause' | 'resume' | 'cancel') => api.steerSchedule(schedule.id, action),
    onSuccess: () => { setEnding(false); return client.invalidateQueries({ queryKey: ['schedules'] }); },
  });
  const amount = money(schedule.amount, schedule.currency, schedule.scale, language);
  return (
    <Box component="li" sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', sm: 'minmax(0, 1fr) auto' }, gap: 1.5, px: { xs: 2, sm: 3 }, py: 2, borderTop: 1, borderColor: 'divider', alignItems: 'center' }}>
      <Box>
        <Typography sx={{ fontWeight: 600 }}><Money minor={schedule.amount} of={schedule} /> · {known(t, 'schedules', schedule.rule.every, schedule.rule.every)} <Chip size="small" label={t(`schedules.status.${schedule.status}`)} color={schedule.status === 'active' ? 'success' : 'default'} variant="outlined" /></Typography>
        <Typography variant="caption" color="textSecondary" component="p" sx={figures}>{schedule.from} → {schedule.to}{schedule.sender_label ? ` · ${schedule.sender_label}` : ''}</Typography>
        <Typography variant="caption" color="textSecondary" component="p" sx={figures}>{[schedule.next_at && schedule.status === 'active' ? t('schedules.next', { time: moment(schedule.next_at, meta.time_zone, language) }) : '', t('schedules.runs', { count: schedule.runs })].filter(Boolean).join(' · ')}</Typography>
        <Failed error={steer.error} />
      </Box>
      {schedule.status !== 'ended' && (
        <Box sx={{ display: 'flex', gap: 1 }}>
          <Button size="small" variant="outlined" color="inherit" disabled={steer.isPending} onClick={() => steer.mutate(schedule.status === 'active' ? 'pause' : 'resume')}>{t(schedule.status === 'active' ? 'schedules.pause' : 'schedules.resume')}</Button>
          <Button size="small" color="error" onClick={() => setEnding(true)}>{t('schedules.end')}</Button>
        </Box>
      )}
      <Dialog open={ending} onClose={() => setEnding(false)} aria-labelledby={`end-${schedule.id}`}>
        <DialogTitle id={`end-${schedule.id}`}>{t('schedules.endTitle')}</DialogTitle>
        <DialogContent>{t('schedules.endWords', { amount, to: schedule.to })}</DialogContent>
        <DialogActions sx={{ p: 2.5 }}>
          <Button color="inherit" onClick={() => setEnding(false)}>{t('common.cancel')}</Button>
          <Button color="error" variant="contained" loading={steer.isPending} onClick={() => steer.mutate('cancel')}>{t('schedules.end')}</Button>
        </DialogActions>
      </Dialog>
    </Box>
  );
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** When standing orders are carried out, in the bank's time zone. */
const TIME = '09:00';

/** The rule as the API has it: by the weekday or the day of the month of the first run. */
function rule(every: string, start: string): Record<string, unknown> {
  const day = new Date(`${start}T00:00:00Z`);
  if (every === 'once') return { every, at: `${start}T${TIME}` };
  if (every === 'week') return { every, days: [DAYS[day.getUTCDay()]], time: TIME };
  if (every === 'month') return { every, day: day.getUTCDate(), time: TIME };
  return { every, time: TIME };
}

function New({ accounts, onClose }: { accounts: Account[]; onClose: () => void }) {
  const { t } = useLanguage();
  const { meta } = useBank();
  const client = useQueryClient();
  const tomorrow = plus(today(meta.time_zone), 1);
  const [from, setFrom] = useState(accounts[0]?.number ?? '');
  const [to, setTo] = useState('');
  const [amount, setAmount] = useState('');
  const [label, setLabel] = useState('');
  const [every, setEvery] = useState('month');
  const [start, setStart] = useState(tomorrow);
  const [asked, setAsked] = useState(false);
  const key = useRef({ of: '', key: '' });
  const account = accounts.find(one => one.number === from);
  const found = usePayee(to);
  const minor = parse(amount, account?.scale ?? 0).minor ?? 0;
  const creating = useMutation({
    mutationFn: () => {
      const order = { from, to, amount: minor, ...(label && { sender_label: label }), rule: rule(every, start), ...(every !== 'once' && { starts_on: start }) };
      // The same order again is the same order; a changed one is a new one.
      const of = JSON.stringify(order);
      if (key.current.of !== of) key.current = { of, key: newKey() };
      return api.createSchedule(order, key.current.key);
    },
    onSuccess: async () => { await client.invalidateQueries({ queryKey: ['schedules'] }); onClose(); },
  });
  if (!account) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (found.payee && minor > 0) creating.mutate();
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="sm" aria-labelledby="new-order">
      <Box component="form" onSubmit={submit}>
        <DialogTitle id="new-order">{t('schedules.new')}</DialogTitle>
        <DialogContent>
          <Failed error={creating.error} />
          <Box sx={{ display: 'grid', gap: 2.5, pt: 1 }}>
            <TextField select label={t('transfer.from')} value={from} onChange={event => setFrom(event.target.value)}>{accounts.map(one => <MenuItem key={one.number} value={one.number}>{one.type.name} · {one.number}</MenuItem>)}</TextField>
            <PayeeField value={to} onChange={setTo} found={found} without={from} error={to !== '' && to === from ? t('refusal.same_account') : asked && !to ? t('transfer.needPayee') : null} />
            <AmountField value={amount} onChange={setAmount} currency={account.currency} scale={account.scale} available={null} error={asked && minor === 0 ? t('transfer.needAmount') : null} />
            <Box sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr 1fr' }, gap: 2 }}>
              <TextField select label={t('schedules.every')} value={every} onChange={event => setEvery(event.target.value)}>{(['once', 'day', 'week', 'month'] as const).map(one => <MenuItem key={one} value={one}>{t(`schedules.${one}`)}</MenuItem>)}</TextField>
              <TextField type="date" required label={t('schedules.starts')} value={start} onChange={event => setStart(event.target.value)} slotProps={{ inputLabel: { shrink: true }, htmlInput: { min: tomorrow } }} />
              <TextField label={t('transfer.senderLabel')} value={label} onChange={event => setLabel([...event.target.value].slice(0, 10).join(''))} />
            </Box>
          </Box>
        </DialogContent>
        <DialogActions sx={{ p: 2.5 }}>
          <Button color="inherit" onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="submit" variant="contained" loading={creating.isPending}>{t('schedules.create')}</Button>
        </DialogActions>
      </Box>
    </Dialog>
  );
}
