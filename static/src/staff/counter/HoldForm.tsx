import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { type ReactNode, useState } from 'react';
import { formatAccountNumber } from '../../format/accountNumber';
import { parseAmount } from '../../format/amountInput';
import { formatDate, today } from '../../format/dates';
import { formatAmount } from '../../format/money';
import { useFieldNames, useLanguage } from '../../i18n/staff';
import { staffRequests } from '../../submissions/requests';
import type { AccountRecord } from '../api/records';
import { useTimeZone } from '../hooks/useBankMeta';
import { useErrorText } from '../hooks/useErrorText';
import { ConfirmDialog } from '../record/ConfirmDialog';
import { AccountNumberInput } from './AccountNumberInput';
import { BookingReceipt } from './BookingReceipt';
import { CounterAmountInput } from './CounterAmountInput';
import { CounterForm } from './CounterForm';
import { CustomerCard } from './CustomerCard';
import { LabelInput } from './LabelInput';
import { ReferenceInput } from './ReferenceInput';
import { useAccountLookup } from './useAccountLookup';
import { useCounterSubmit } from './useCounterSubmit';

const EMPTY = { to: '', amount: '', until: '', sender_label: '', receiver_label: '', reference: '' };
const nameOf = (account: AccountRecord | undefined) => account?.owner.name || account?.owner.username || '';

interface Props {
  head: ReactNode;
  /** The sender's account. */
  number: string;
  setNumber: (number: string) => void;
}

/** The form for a hold, which reserves money until it is settled or released. */
export function HoldForm({ head, number, setNumber }: Props) {
  const { t, language } = useLanguage();
  const zone = useTimeZone();
  const problem = useErrorText();
  const [form, setForm] = useState(EMPTY);
  const [asking, ask] = useState(false);
  const setField = (name: keyof typeof EMPTY) => (value: string) => setForm(before => ({ ...before, [name]: value }));
  const payer = useAccountLookup(number);
  const payee = useAccountLookup(form.to);
  const booking = useCounterSubmit(() => {
    setForm(EMPTY);
    void payer.refetch();
  });
  const { until, sender_label, receiver_label, reference } = form;
  const minor = parseAmount(form.amount, payer.account?.scale ?? 0, payer.account?.currency).minor ?? 0;
  const ready = payer.account && payee.account && minor > 0 && !booking.isBlocked;
  const book = () => {
    ask(false);
    // The service includes the last day.
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
    booking.book(
      staffRequests.hold(body, {
        minor,
        currency: payer.account?.currency,
        scale: payer.account?.scale,
        from: number,
        to: form.to,
      }),
    );
  };
  const amount = payer.account && `${formatAmount(minor, payer.account.scale)} ${payer.account.currency}`;
  const question =
    ready &&
    [
      t('counter.holding.question', {
        amount: amount ?? '',
        from: formatAccountNumber(number),
        payer: nameOf(payer.account),
        to: formatAccountNumber(form.to),
        payee: nameOf(payee.account),
      }),
      until ? t('counter.holding.until', { date: formatDate(until, language) }) : t('counter.holding.forEver'),
    ].join(' ');
  const field = useFieldNames('holds');
  const wrong = booking.wrong;
  return (
    <CounterForm
      head={head}
      onSubmit={() => ready && ask(true)}
      side={
        <>
          <CustomerCard account={payer.account} />
          {booking.done && <BookingReceipt transfer={booking.done} />}
        </>
      }
    >
      <AccountNumberInput
        autoFocus
        name="from"
        label={t('counter.holding.from')}
        value={number}
        onChange={setNumber}
        unknown={payer.unknown}
        wrong={wrong.from}
      />
      <AccountNumberInput
        name="to"
        label={t('counter.holding.to')}
        value={form.to}
        onChange={setField('to')}
        account={payee.account}
        unknown={payee.unknown}
        wrong={wrong.to}
      />
      <CounterAmountInput value={form.amount} onChange={setField('amount')} of={payer.account} wrong={wrong.amount} />
      <TextField
        type="date"
        name="until"
        label={t('counter.holding.lastDay')}
        value={until}
        onChange={event => setField('until')(event.target.value)}
        error={Boolean(wrong.expires_at)}
        helperText={wrong.expires_at ?? t('counter.holding.lastDayHelp')}
        slotProps={{ inputLabel: { shrink: true }, htmlInput: { min: today(zone) } }}
      />
      <LabelInput
        name="sender_label"
        label={field('sender_label')}
        value={sender_label}
        onChange={setField('sender_label')}
        wrong={wrong.sender_label}
      />
      <LabelInput
        name="receiver_label"
        label={field('receiver_label')}
        value={receiver_label}
        onChange={setField('receiver_label')}
        wrong={wrong.receiver_label}
      />
      <ReferenceInput value={reference} onChange={setField('reference')} wrong={wrong.reference} />
      {booking.error !== null && (
        <Alert severity="error" role="alert">
          {problem(booking.error)}
        </Alert>
      )}
      <Button type="submit" variant="contained" size="large" disabled={!ready} loading={booking.isSubmitting}>
        {t('counter.submit.hold')}
      </Button>
      <ConfirmDialog
        open={asking}
        title={t('counter.submit.hold')}
        question={question || ''}
        onConfirm={book}
        onClose={() => ask(false)}
      />
    </CounterForm>
  );
}
