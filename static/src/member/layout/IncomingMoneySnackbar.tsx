import Snackbar from '@mui/material/Snackbar';
import { useEffect, useState } from 'react';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatMoney } from '../../format/money';
import { useLanguage } from '../../i18n/member';
import { useBank } from '../providers/BankProvider';
import { useAccounts } from '../providers/useAccounts';

const SHOWN_MS = 6_000;

/** Announces incoming money. */
export function IncomingMoneySnackbar() {
  const { event } = useBank();
  const { t, language } = useLanguage();
  const accounts = useAccounts();
  const [text, setText] = useState('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: an event is announced once, whatever else changes later
  useEffect(() => {
    const isOwn = (number: string | null) => Boolean(accounts?.some(account => account.number === number));
    const arrived = [event?.transfer, ...(event?.steps ?? [])].find(
      one => one?.status === 'posted' && isOwn(one.to) && !isOwn(one.from),
    );
    if (!arrived?.to) return;
    setText(
      t('live.arrived', {
        amount: formatMoney(arrived.amount, arrived.currency ?? '', arrived.scale ?? 0, language),
        account: formatAccountNumber(arrived.to),
      }),
    );
  }, [event]);
  return (
    <Snackbar
      open={text !== ''}
      autoHideDuration={SHOWN_MS}
      onClose={() => setText('')}
      message={text}
      anchorOrigin={{ vertical: 'bottom', horizontal: 'center' }}
      sx={{ mb: { xs: 8, md: 0 } }}
    />
  );
}
