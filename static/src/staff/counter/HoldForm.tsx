import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { type ReactNode, useState } from 'react';
import { useLocale, useTranslate } from 'react-admin';
import { shown } from '../../format/accountNumber';
import { parse } from '../../format/amountInput';
import { date, today } from '../../format/dates';
import { digits } from '../../format/money';
import { staffForms } from '../../submissions/requests';
import type { AccountRecord } from '../api/records';
import { useZone } from '../hooks/useBankMeta';
import { useProblem } from '../hooks/useErrorText';
import { Ask } from '../record/ConfirmDialog';
import { Receipt } from './BookingReceipt';
import { Sheet } from './CounterForm';
import { Customer } from './CustomerCard';
import { AccountNumber, Amount, Label, Reference } from './inputs';
import { useCustomer } from './useAccountLookup';
import { useOrder } from './useCounterSubmit';

const EMPTY = { to: '', amount: '', until: '', sender_label: '', receiver_label: '', reference: '' };
const nameOf = (account: AccountRecord | undefined) => account?.owner.name || account?.owner.username || '';

interface Props {
  head: ReactNode;
  /** The account that pays. */
  number: string;
  setNumber: (number: string) => void;
}

/** Sets money of one account aside for another, until it is settled or given back. */
export function HoldForm({ head, number, setNumber }: Props) {
  const t = useTranslate();
  const locale = useLocale() === 'ko' ? 'ko' : 'en';
  const zone = useZone();
  const problem = useProblem();
  const [form, setForm] = useState(EMPTY);
  const [asking, ask] = useState(false);
  const put = (name: keyof typeof EMPTY) => (value: string) => setForm(before => ({ ...before, [name]: value }));
  const payer = useCustomer(number);
  const payee = useCustomer(form.to);
  const order = useOrder(() => {
    setForm(EMPTY);
    void payer.refetch();
  });
  const { until, sender_label, receiver_label, reference } = form;
  const minor = parse(form.amount, payer.account?.scale ?? 0, payer.account?.currency).minor ?? 0;
  const ready = payer.account && payee.account && minor > 0 && !order.isOpen;
  const book = () => {
    ask(false);
    // The day itself counts, as the service reads it.
    const expires = until && { expires_at: until };
    const body = {
      from: number,
      to: form.to,
      amount: minor,
      ...expires,
      ...(sender_label && { sender_label }),
      ...(receiver_label && { receiver_label }),
      ...(reference && { reference }),
    };
    order.book(
      staffForms.hold(body, {
        minor,
        currency: payer.account?.currency,
        scale: payer.account?.scale,
        from: number,
        to: form.to,
      }),
    );
  };
  const amount = payer.account && `${digits(minor, payer.account.scale)} ${payer.account.currency}`;
  const question =
    ready &&
    [
      t('staff.holding.question', {
        amount,
        from: shown(number),
        payer: nameOf(payer.account),
        to: shown(form.to),
        payee: nameOf(payee.account),
      }),
      until ? t('staff.holding.until', { date: date(until, locale) }) : t('staff.holding.for_ever'),
    ].join(' ');
  const field = (name: string) => t(`resources.holds.fields.${name}`);
  const wrong = order.wrong;
  return (
    <Sheet
      head={head}
      onSubmit={() => ready && ask(true)}
      side={
        <>
          <Customer account={payer.account} />
          {order.done && <Receipt movement={order.done} />}
        </>
      }
    >
      <AccountNumber
        autoFocus
        name="from"
        label={t('staff.holding.from')}
        value={number}
        onChange={setNumber}
        unknown={payer.unknown}
        wrong={wrong.from}
      />
      <AccountNumber
        name="to"
        label={t('staff.holding.to')}
        value={form.to}
        onChange={put('to')}
        account={payee.account}
        unknown={payee.unknown}
        wrong={wrong.to}
      />
      <Amount value={form.amount} onChange={put('amount')} of={payer.account} wrong={wrong.amount} />
      <TextField
        type="date"
        name="until"
        label={t('staff.holding.last_day')}
        value={until}
        onChange={event => put('until')(event.target.value)}
        error={Boolean(wrong.expires_at)}
        helperText={wrong.expires_at ?? t('staff.holding.last_day_help')}
        slotProps={{ inputLabel: { shrink: true }, htmlInput: { min: today(zone) } }}
      />
      <Label
        name="sender_label"
        label={field('sender_label')}
        value={sender_label}
        onChange={put('sender_label')}
        wrong={wrong.sender_label}
      />
      <Label
        name="receiver_label"
        label={field('receiver_label')}
        value={receiver_label}
        onChange={put('receiver_label')}
        wrong={wrong.receiver_label}
      />
      <Reference value={reference} onChange={put('reference')} wrong={wrong.reference} />
      {order.error !== null && (
        <Alert severity="error" role="alert">
          {problem(order.error)}
        </Alert>
      )}
      <Button type="submit" variant="contained" size="large" disabled={!ready} loading={order.isPending}>
        {t('staff.do.hold')}
      </Button>
      <Ask open={asking} name={t('staff.do.hold')} question={question || ''} onDo={book} onClose={() => ask(false)} />
    </Sheet>
  );
}
