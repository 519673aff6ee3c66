import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { api, type TransferOrder } from '../api/client';
import { asFailure, type Failure } from '../api/problem';
import type { Account, Payee, Quote } from '../api/types';
import { field, money, parse } from '../format/money';
import { useLanguage } from '../i18n';
import type { Attempt } from '../send/attempt';
import { figures } from '../theme';
import { Card, Empty, Failed, Page, useRefusalText } from './parts';
import { OpenAccount } from './OpenAccount';
import { useAccounts, useBank } from './session';
import { AmountField } from './transfer/AmountField';
import { Confirm } from './transfer/Confirm';
import { PayeeField, usePayee, useSettled } from './transfer/PayeeField';
import { QuoteLines } from './transfer/QuoteLines';

/** The longest text on a statement, in characters as people count them. */
const LABEL = 10;
const clip = (text: string) => [...text].slice(0, LABEL).join('');

/** Sending money. */
export function Transfer() {
  const { t } = useLanguage();
  const accounts = useAccounts();
  const usable = accounts?.filter(account => account.status !== 'closed');
  return (
    <Page title={t('transfer.title')}>
      {usable?.length === 0 && <Card><Empty action={<OpenAccount prominent />}>{t('transfer.noAccount')}</Empty></Card>}
      {usable && usable.length > 0 && <Form accounts={usable} />}
    </Page>
  );
}

function Form({ accounts }: { accounts: Account[] }) {
  const { t, language } = useLanguage();
  const { attempts } = useBank();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [search] = useSearchParams();
  const [open, setOpen] = useState<Attempt | null>(() => attempts.open());
  const [from, setFrom] = useState(() => accounts.find(account => account.number === search.get('from'))?.number ?? accounts[0]?.number ?? '');
  const [to, setTo] = useState(search.get('to') ?? '');
  const [amount, setAmount] = useState('');
  const [labels, setLabels] = useState({ mine: '', theirs: '' });
  const [asked, setAsked] = useState(false);
  const [reviewing, setReviewing] = useState(false);
  const [sending, setSending] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const busy = useRef(false);
  const form = useRef<HTMLFormElement>(null);

  const account = accounts.find(found => found.number === from) ?? accounts[0];
  const found = usePayee(to);
  const refusalText = useRefusalText();
  const read = parse(amount, account?.scale ?? 0);
  const minor = read.minor ?? 0;
  const settled = useSettled(minor, 200);
  const same = to !== '' && to === from;
  const complete = Boolean(found.payee) && minor > 0 && settled === minor && !same;
  const quoted = useQuery({
    queryKey: ['quote', from, to, minor],
    queryFn: ({ signal }) => api.quote({ from, to, amount: minor }, signal),
    enabled: complete,
    placeholderData: before => before,
  });
  const quote: Quote | undefined = complete && !quoted.isError ? quoted.data : undefined;
  if (!account) return null;

  const wrongAmount = read.error === 'invalid' ? t('transfer.notAmount') : read.error === 'too_precise' ? t('transfer.tooPrecise', { scale: account.scale }) : read.error === 'too_large' ? t('transfer.tooLarge') : asked && minor === 0 ? t('transfer.needAmount') : quote?.granted === false ? refusalText(quote.refusal, account) : null;
  const wrongPayee = same ? t('refusal.same_account') : asked && to === '' ? t('transfer.needPayee') : null;
  const order: TransferOrder = { from, to, amount: minor, ...(labels.mine && { sender_label: labels.mine }), ...(labels.theirs && { receiver_label: labels.theirs }) };

  const send = async (attempt: Attempt) => {
    // The state of a component comes too late for the second click of a double click.
    if (busy.current) return;
    busy.current = true;
    setSending(true);
    setFailure(null);
    const outcome = await attempts.send(attempt, api.transfer);
    busy.current = false;
    setSending(false);
    if (outcome.kind === 'answered') {
      client.setQueryData(['transfer', outcome.transfer.id], outcome.transfer);
      void client.invalidateQueries({ queryKey: ['accounts'] });
      void client.invalidateQueries({ queryKey: ['entries'] });
      void navigate(`/transfers/${outcome.transfer.id}`);
      return;
    }
    setReviewing(false);
    setFailure(outcome.failure);
    setOpen(attempts.open());
    if (outcome.kind === 'refused') void quoted.refetch();
  };
  const review = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (complete && quote?.granted) setReviewing(true);
    else requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };

  if (open) {
    return (
      <Card title={t('transfer.unknownTitle')} sx={{ maxWidth: 560 }}>
        <Typography sx={{ mb: 2 }}>{t('transfer.unknown', { amount: money(open.order.amount, account.currency, account.scale, language), to: open.order.to })}</Typography>
        <Failed error={failure} />
        <Button variant="contained" size="large" fullWidth loading={sending} onClick={() => void send(open)}>{t('transfer.resume')}</Button>
      </Card>
    );
  }
  const refused = failure && (failure.code in { rate_limited: 1 } || failure.status !== 422 ? <Failed error={failure} /> : <Alert severity="error" sx={{ mb: 2 }}>{refusalText({ code: failure.code, detail: failure.message, figures: failure.figures }, account)}</Alert>);
  return (
    <Box component="form" ref={form} onSubmit={review} noValidate sx={{ display: 'grid', gap: 3, gridTemplateColumns: { md: 'minmax(0, 1fr) 340px' }, alignItems: 'start' }}>
      <Card>
        {refused}
        <Box sx={{ display: 'grid', gap: 2.5 }}>
          <TextField select fullWidth name="from" label={t('transfer.from')} value={from} onChange={event => setFrom(event.target.value)} helperText={`${t('account.available')} ${money(account.available, account.currency, account.scale, language)}`}>
            {accounts.map(one => <MenuItem key={one.number} value={one.number} sx={figures}>{one.type.name} · {one.number}</MenuItem>)}
          </TextField>
          <PayeeField value={to} onChange={setTo} found={found} error={wrongPayee} without={from} />
          <AmountField value={amount} onChange={setAmount} currency={account.currency} scale={account.scale} available={account.available} error={wrongAmount} />
          {quote?.granted === false && quote.largest !== null && quote.largest > 0 && (
            <Box><Button size="small" variant="outlined" onClick={() => setAmount(field(quote.largest ?? 0, account.scale))}>{t('transfer.useThat', { amount: money(quote.largest, account.currency, account.scale, language) })}</Button></Box>
          )}
          <Box role="group" aria-label={t('transfer.labels')} sx={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 2 }}>
            <TextField name="sender_label" label={t('transfer.senderLabel')} value={labels.mine} helperText={t('transfer.labelHelp')} onChange={event => setLabels({ ...labels, mine: clip(event.target.value) })} />
            <TextField name="receiver_label" label={t('transfer.receiverLabel')} value={labels.theirs} helperText={t('transfer.labelHelp')} onChange={event => setLabels({ ...labels, theirs: clip(event.target.value) })} />
          </Box>
        </Box>
      </Card>
      <Box sx={{ position: { md: 'sticky' }, top: 24 }}>
        <QuoteLines quote={quote} waiting={minor > 0 && Boolean(found.payee) && !quote && !quoted.isError} account={account} payee={found.payee} minor={minor} error={complete && quoted.isError ? asFailure(quoted.error) : null} />
        <Button type="submit" variant="contained" size="large" fullWidth sx={{ mt: 2 }}>{t('transfer.review')}</Button>
      </Box>
      {reviewing && quote?.granted && found.payee && (
        <Confirm account={account} payee={found.payee as Payee} quote={quote} labels={labels} sending={sending} onClose={() => !sending && setReviewing(false)} onConfirm={() => void send(attempts.begin(order))} />
      )}
    </Box>
  );
}
