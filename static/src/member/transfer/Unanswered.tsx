import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import type { Account } from '../../api/types';
import { money } from '../../format/money';
import { shown } from '../../format/number';
import { useLanguage } from '../../i18n';
import type { Attempt } from '../../send/attempt';
import { Card, Failed } from '../parts';
import { Refused } from './Refused';
import { useSending } from './useSending';

/** A transfer of which it is not known whether it arrived: to be finished under the key that it was sent with. */
export function Unanswered({ attempt, accounts, onOver }: { attempt: Attempt; accounts: Account[]; onOver: () => void }) {
  const { t, language } = useLanguage();
  const { send, sending, failure } = useSending({ refused: () => {}, unanswered: () => {} });
  const account = accounts.find(found => found.number === attempt.order.from) ?? accounts[0];
  if (!account) return null;
  const amount = money(attempt.order.amount, account.currency, account.scale, language);
  const isRefused = failure?.definite && failure.status !== 401;
  return (
    <Card title={t('transfer.unknownTitle')} sx={{ maxWidth: 560 }}>
      <Typography sx={{ mb: 2 }}>{t('transfer.unknown', { amount, to: shown(attempt.order.to) })}</Typography>
      {failure && (isRefused ? <Refused failure={failure} account={account} /> : <Failed error={failure} />)}
      {isRefused
        ? <Button variant="contained" size="large" fullWidth onClick={onOver}>{t('receipt.again')}</Button>
        : <Button variant="contained" size="large" fullWidth loading={sending} onClick={() => void send(attempt)}>{t('transfer.resume')}</Button>}
    </Card>
  );
}
