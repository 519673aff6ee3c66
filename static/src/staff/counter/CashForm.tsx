import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { type ReactNode, useState } from 'react';
import { formatAccountNumber } from '../../format/accountNumber';
import { parseAmount } from '../../format/amountInput';
import { formatAmount } from '../../format/money';
import { useLanguage } from '../../i18n/staff';
import { staffRequests } from '../../submissions/requests';
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

interface Props {
  kind: 'deposit' | 'withdrawal';
  head: ReactNode;
  /** The customer's account, which is kept for the next booking. */
  number: string;
  setNumber: (number: string) => void;
}

/** The form for a cash deposit or withdrawal. */
export function CashForm({ kind, head, number, setNumber }: Props) {
  const { t } = useLanguage();
  const problem = useErrorText();
  const [amount, setAmount] = useState('');
  const [label, setLabel] = useState('');
  const [reference, setReference] = useState('');
  const [asking, ask] = useState(false);
  const { account, unknown, refetch } = useAccountLookup(number);
  const booking = useCounterSubmit(() => {
    setAmount('');
    setLabel('');
    setReference('');
    void refetch();
  });
  const minor = parseAmount(amount, account?.scale ?? 0, account?.currency).minor ?? 0;
  const role = kind === 'deposit' ? 'to' : 'from';
  const book = () => {
    ask(false);
    const body = { [role]: number, amount: minor, ...(label && { label }), ...(reference && { reference }) };
    booking.book(
      staffRequests[kind](body, { minor, currency: account?.currency, scale: account?.scale, [role]: number }),
    );
  };
  const question =
    account &&
    t('counter.confirmCash', {
      kind: t(`staff.kind.${kind}`),
      amount: `${formatAmount(minor, account.scale)} ${account.currency}`,
      account: formatAccountNumber(number),
      name: account.owner.name || account.owner.username || '',
    });
  return (
    <CounterForm
      head={head}
      onSubmit={() => account && minor > 0 && !booking.isBlocked && ask(true)}
      side={
        <>
          <CustomerCard account={account} />
          {booking.done && <BookingReceipt transfer={booking.done} />}
        </>
      }
    >
      <AccountNumberInput
        autoFocus
        name="account"
        label={t('counter.account')}
        value={number}
        onChange={setNumber}
        unknown={unknown}
        wrong={booking.wrong[role]}
      />
      <CounterAmountInput value={amount} onChange={setAmount} of={account} wrong={booking.wrong.amount} />
      <LabelInput
        name="label"
        label={t('counter.label')}
        value={label}
        onChange={setLabel}
        wrong={booking.wrong.label}
      />
      <ReferenceInput value={reference} onChange={setReference} wrong={booking.wrong.reference} />
      {booking.error !== null && (
        <Alert severity="error" role="alert">
          {problem(booking.error)}
        </Alert>
      )}
      <Button
        type="submit"
        variant="contained"
        size="large"
        disabled={!account || minor === 0 || booking.isBlocked}
        loading={booking.isSubmitting}
      >
        {t(`counter.submit.${kind}`)}
      </Button>
      <ConfirmDialog
        open={asking}
        title={t(`counter.submit.${kind}`)}
        question={question ?? ''}
        onConfirm={book}
        onClose={() => ask(false)}
      />
    </CounterForm>
  );
}
