import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { type ReactNode, useState } from 'react';
import { useTranslate } from 'react-admin';
import { shown } from '../../format/accountNumber';
import { parse } from '../../format/amountInput';
import { digits } from '../../format/money';
import { staffForms } from '../../submissions/requests';
import { useProblem } from '../hooks/useErrorText';
import { Ask } from '../record/ConfirmDialog';
import { Receipt } from './BookingReceipt';
import { Sheet } from './CounterForm';
import { Customer } from './CustomerCard';
import { AccountNumber, Amount, Label, Reference } from './inputs';
import { useCustomer } from './useAccountLookup';
import { useOrder } from './useCounterSubmit';

interface Props {
  kind: 'deposit' | 'withdrawal';
  head: ReactNode;
  /** The customer's account, which stays when something else is booked. */
  number: string;
  setNumber: (number: string) => void;
}

/** Cash in, or cash out. */
export function CashForm({ kind, head, number, setNumber }: Props) {
  const t = useTranslate();
  const problem = useProblem();
  const [amount, setAmount] = useState('');
  const [label, setLabel] = useState('');
  const [reference, setReference] = useState('');
  const [asking, ask] = useState(false);
  const { account, unknown, refetch } = useCustomer(number);
  const order = useOrder(() => {
    setAmount('');
    setLabel('');
    setReference('');
    void refetch();
  });
  const minor = parse(amount, account?.scale ?? 0, account?.currency).minor ?? 0;
  const role = kind === 'deposit' ? 'to' : 'from';
  const book = () => {
    ask(false);
    const body = { [role]: number, amount: minor, ...(label && { label }), ...(reference && { reference }) };
    order.book(staffForms[kind](body, { minor, currency: account?.currency, scale: account?.scale, [role]: number }));
  };
  const question =
    account &&
    t('staff.confirm_cash', {
      kind: t(`staff.kind.${kind}`),
      amount: `${digits(minor, account.scale)} ${account.currency}`,
      account: shown(number),
      name: account.owner.name || account.owner.username || '',
    });
  return (
    <Sheet
      head={head}
      onSubmit={() => account && minor > 0 && !order.isOpen && ask(true)}
      side={
        <>
          <Customer account={account} />
          {order.done && <Receipt movement={order.done} />}
        </>
      }
    >
      <AccountNumber
        autoFocus
        name="account"
        label={t('staff.account')}
        value={number}
        onChange={setNumber}
        unknown={unknown}
        wrong={order.wrong[role]}
      />
      <Amount value={amount} onChange={setAmount} of={account} wrong={order.wrong.amount} />
      <Label name="label" label={t('staff.label')} value={label} onChange={setLabel} wrong={order.wrong.label} />
      <Reference value={reference} onChange={setReference} wrong={order.wrong.reference} />
      {order.error !== null && (
        <Alert severity="error" role="alert">
          {problem(order.error)}
        </Alert>
      )}
      <Button
        type="submit"
        variant="contained"
        size="large"
        disabled={!account || minor === 0 || order.isOpen}
        loading={order.isPending}
      >
        {t(`staff.do.${kind}`)}
      </Button>
      <Ask
        open={asking}
        name={t(`staff.do.${kind}`)}
        question={question ?? ''}
        onDo={book}
        onClose={() => ask(false)}
      />
    </Sheet>
  );
}
