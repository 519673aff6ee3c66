import Box from '@mui/material/Box';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client';
import type { Transfer } from '../../api/types';
import { shown } from '../../format/accountNumber';
import { exact } from '../../format/dates';
import { known, useLanguage } from '../../i18n';
import { figures } from '../../theme';
import { Line, Money } from '../components/parts';
import { moneyOf } from '../components/wording';
import { useAccounts, useBank } from '../providers/session';
import { isRunning } from './ReceiptStatus';

/** Kinds that are no ordinary transfer, which a receipt says. */
const NAMED = new Set(['deposit', 'withdrawal', 'reversal', 'sweep']);

/** What the receipt says: both sides, what was paid, when, and under which number. */
export function Details({ transfer, isMine }: { transfer: Transfer; isMine: boolean }) {
  const { t, language } = useLanguage();
  const { me, meta } = useBank();
  const money = moneyOf(transfer);
  const other = isMine ? transfer.to : transfer.from;
  const found = useQuery({
    queryKey: ['payee', other],
    queryFn: () => api.payee(other ?? ''),
    enabled: Boolean(other),
    staleTime: 60_000,
    retry: false,
  }).data;
  const mine = useAccounts();
  const side = (number: string | null | undefined) => {
    const isOwn = mine?.some(account => account.number === number);
    // Of an erased member there is no name, which does not make the account one's own.
    const name = isOwn ? me.name : number === other ? found?.name : null;
    return (
      <Box component="span" sx={figures}>
        {number ? [name, shown(number)].filter(Boolean).join(' · ') : t('receipt.cash')}
      </Box>
    );
  };
  return (
    <Box component="dl" sx={{ m: 0, borderTop: 1, borderColor: 'divider', pt: 1.5 }}>
      {NAMED.has(transfer.kind) && (
        <Line name={t('receipt.kind')}>{known(t, 'kind', transfer.kind, transfer.kind)}</Line>
      )}
      <Line name={t('transfer.from')}>{side(transfer.from)}</Line>
      <Line name={t('receipt.to')}>{side(transfer.to)}</Line>
      {isMine && (
        <Line name={t('transfer.fee')}>
          {transfer.fee ? <Money minor={transfer.fee} of={money} /> : t('transfer.noFee')}
        </Line>
      )}
      {isMine && (
        <Line name={t('transfer.total')} strong>
          <Money minor={transfer.total ?? transfer.amount} of={money} />
        </Line>
      )}
      {isRunning(transfer) && transfer.captured > 0 && (
        <Line name={t('receipt.captured')}>
          <Money minor={transfer.captured} of={money} />
        </Line>
      )}
      {isRunning(transfer) && transfer.expires_at && (
        <Line name={t('receipt.expires')}>
          <Box component="span" sx={figures}>
            {exact(transfer.expires_at, meta.time_zone, language)}
          </Box>
        </Line>
      )}
      {transfer.sender_label && <Line name={t('transfer.senderLabel')}>{transfer.sender_label}</Line>}
      {transfer.receiver_label && (
        <Line name={t(isMine ? 'transfer.receiverLabel' : 'transfer.senderLabel')}>{transfer.receiver_label}</Line>
      )}
      {transfer.reference && <Line name={t('receipt.reference')}>{transfer.reference}</Line>}
      {transfer.customer_text && <Line name={t('receipt.reason')}>{transfer.customer_text}</Line>}
      <Line name={t('receipt.when')}>
        <Box component="span" sx={figures}>
          {exact(transfer.ended_at ?? transfer.created_at, meta.time_zone, language)}
        </Box>
      </Line>
      <Line name={t('receipt.id')}>
        <Box component="span" sx={{ ...figures, fontSize: '0.75rem' }}>
          {transfer.id}
        </Box>
      </Line>
    </Box>
  );
}
