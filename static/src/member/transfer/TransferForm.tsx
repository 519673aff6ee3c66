import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { Account, Transfer, TransferOrder } from '../../api/types';
import { normalizeAccountNumber } from '../../format/accountNumber';
import { parseAmount } from '../../format/amountInput';
import { useRefusalText } from '../../i18n/errors';
import { useLanguage } from '../../i18n/member';
import { memberRequests } from '../../submissions/requests';
import { useSubmit } from '../../submissions/useSubmit';
import { Card } from '../components/Card';
import { AccountField } from './AccountField';
import { AmountField } from './AmountField';
import { ConfirmDialog } from './ConfirmDialog';
import { LabelFields } from './LabelFields';
import { PayeeField } from './PayeeField';
import { QuoteSummary } from './QuoteSummary';
import { RefusalAlert } from './RefusalAlert';
import { usePayee } from './usePayee';
import { useQuote } from './useQuote';

/** The refusal when the fee is higher than the sender agreed to. */
const FEE_TOO_HIGH = 'fee_too_high';

/** The form of a transfer: the account, the payee, the amount and the quote. */
export function TransferForm({ accounts }: { accounts: Account[] }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const navigate = useNavigate();
  const refusalText = useRefusalText();
  const [search] = useSearchParams();
  const [from, setFrom] = useState(
    () => accounts.find(account => account.number === search.get('from'))?.number ?? accounts[0]?.number ?? '',
  );
  const [to, setTo] = useState(() => normalizeAccountNumber(search.get('to') ?? ''));
  const [amount, setAmount] = useState('');
  const [labels, setLabels] = useState({ mine: '', theirs: '' });
  const [asked, setAsked] = useState(false);
  const [reviewing, setReviewing] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const account = accounts.find(found => found.number === from) ?? accounts[0];
  const found = usePayee(to);
  const minor = parseAmount(amount, account?.scale ?? 0, account?.currency).minor ?? 0;
  const isSame = to !== '' && to === from;
  const quoted = useQuote(from, to, minor, Boolean(found.payee) && minor > 0 && !isSame);
  const { submit, isSubmitting, error, clearError } = useSubmit<Transfer>({
    onAnswered: transfer => {
      client.setQueryData(['transfer', transfer.id, null], transfer);
      for (const key of ['accounts', 'entries', 'payees', 'transfers'])
        void client.invalidateQueries({ queryKey: [key] });
      void navigate(`/transfers/${transfer.id}`);
    },
    // A fee that has risen is confirmed again in the same dialog.
    onRefused: ({ code }) => {
      setReviewing(code === FEE_TOO_HIGH);
      quoted.again();
    },
  });
  // A review that was requested before the quote arrives opens when it does, or leads to the field in error.
  const isThinking = found.looking || quoted.waiting;
  const isStuck = reviewing && !isThinking && !quoted.granted;
  useEffect(() => {
    if (!isStuck) return;
    setReviewing(false);
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [isStuck]);
  if (!account) return null;

  const { refused } = quoted;
  const reason = refused && refusalText(refused.refusal, account);
  const atPayee = isSame
    ? t('refusal.same_account')
    : refused?.field === 'to'
      ? reason
      : asked && to === ''
        ? t('transfer.needPayee')
        : null;
  const atAccount = refused?.field === 'from' ? reason : null;
  const atAmount = refused && !atPayee && !atAccount ? reason : null;
  const order: TransferOrder = {
    from,
    to,
    amount: minor,
    ...(labels.mine && { sender_label: labels.mine }),
    ...(labels.theirs && { receiver_label: labels.theirs }),
  };
  const review = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    clearError();
    setReviewing(true);
  };
  return (
    <Box
      component="form"
      ref={form}
      onSubmit={review}
      noValidate
      sx={{
        display: 'grid',
        gap: 3,
        gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'minmax(0, 1fr) 340px' },
        alignItems: 'start',
      }}
    >
      <Card>
        {error && <RefusalAlert failure={error} account={account} />}
        <Box sx={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 2.5 }}>
          <AccountField value={from} onChange={setFrom} accounts={accounts} error={atAccount} />
          <PayeeField value={to} onChange={setTo} found={found} error={atPayee} without={from} />
          <AmountField
            value={amount}
            onChange={setAmount}
            currency={account.currency}
            scale={account.scale}
            available={account.available}
            asked={asked}
            refused={atAmount}
            possible={refused?.largest ?? null}
          />
          <LabelFields value={labels} onChange={setLabels} />
        </Box>
      </Card>
      <Box sx={{ position: { md: 'sticky' }, top: 24 }}>
        <QuoteSummary quoted={quoted} account={account} payee={found.payee} minor={minor} />
        <Button
          type="submit"
          variant="contained"
          size="large"
          fullWidth
          loading={reviewing && isThinking}
          sx={{ mt: 2 }}
        >
          {t('transfer.review')}
        </Button>
      </Box>
      {reviewing && quoted.granted && found.payee && (
        <ConfirmDialog
          account={account}
          payee={found.payee}
          quote={quoted.granted}
          labels={labels}
          busy={isSubmitting || quoted.asking}
          isDearer={error?.code === FEE_TOO_HIGH}
          onClose={() => !isSubmitting && setReviewing(false)}
          onConfirm={quote =>
            void submit(
              memberRequests.transfer(
                { ...order, most_fee: quote.fee },
                { minor, currency: account.currency, scale: account.scale, from, to },
              ),
            )
          }
        />
      )}
    </Box>
  );
}
