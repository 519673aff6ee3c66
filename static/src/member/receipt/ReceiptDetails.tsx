import Box from '@mui/material/Box';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client';
import type { Transfer } from '../../api/types';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatExactTime } from '../../format/dates';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';
import { currencyOf } from '../components/currencyOf';
import { DescriptionRow } from '../components/DescriptionRow';
import { Money } from '../components/Money';
import { useBank } from '../providers/BankProvider';
import { useAccounts } from '../providers/useAccounts';
import { isRunning } from './isRunning';

/** Kinds that a receipt names because they are not ordinary transfers. */
const NAMED = new Set(['deposit', 'withdrawal', 'reversal', 'sweep']);

/** The facts of a receipt: both sides, the amounts, the time and the transfer's number. */
export function ReceiptDetails({ transfer, isMine }: { transfer: Transfer; isMine: boolean }) {
  const { t, language } = useLanguage();
  const { me, meta } = useBank();
  const money = currencyOf(transfer);
  const other = isMine ? transfer.to : transfer.from;
  const found = useQuery({
    queryKey: ['payee', other],
    queryFn: () => api.payee(other ?? ''),
    enabled: Boolean(other),
    staleTime: 60_000,
    retry: false,
  }).data;
  const accounts = useAccounts();
  const side = (number: string | null | undefined) => {
    const isOwn = accounts?.some(account => account.number === number);
    // A missing name does not make the account the member's own: erased members have none.
    const name = isOwn ? me.name : number === other ? found?.name : null;
    return (
      <Box component="span" sx={tabularNumbers}>
        {number ? [name, formatAccountNumber(number)].filter(Boolean).join(' · ') : t('receipt.cash')}
      </Box>
    );
  };
  return (
    <Box component="dl" sx={{ m: 0, borderTop: 1, borderColor: 'divider', pt: 1.5 }}>
      {NAMED.has(transfer.kind) && (
        <DescriptionRow name={t('receipt.kind')}>{t.optional(`kind.${transfer.kind}`, transfer.kind)}</DescriptionRow>
      )}
      <DescriptionRow name={t('transfer.from')}>{side(transfer.from)}</DescriptionRow>
      <DescriptionRow name={t('receipt.to')}>{side(transfer.to)}</DescriptionRow>
      {isMine && (
        <DescriptionRow name={t('transfer.fee')}>
          {transfer.fee ? <Money minor={transfer.fee} of={money} /> : t('transfer.noFee')}
        </DescriptionRow>
      )}
      {isMine && (
        <DescriptionRow name={t('transfer.total')} strong>
          <Money minor={transfer.total ?? transfer.amount} of={money} />
        </DescriptionRow>
      )}
      {isRunning(transfer) && transfer.captured > 0 && (
        <DescriptionRow name={t('receipt.captured')}>
          <Money minor={transfer.captured} of={money} />
        </DescriptionRow>
      )}
      {isRunning(transfer) && transfer.expires_at && (
        <DescriptionRow name={t('receipt.expires')}>
          <Box component="span" sx={tabularNumbers}>
            {formatExactTime(transfer.expires_at, meta.time_zone, language)}
          </Box>
        </DescriptionRow>
      )}
      {transfer.sender_label && (
        <DescriptionRow name={t('transfer.senderLabel')}>{transfer.sender_label}</DescriptionRow>
      )}
      {transfer.receiver_label && (
        <DescriptionRow name={t(isMine ? 'transfer.receiverLabel' : 'transfer.senderLabel')}>
          {transfer.receiver_label}
        </DescriptionRow>
      )}
      {transfer.reference && <DescriptionRow name={t('receipt.reference')}>{transfer.reference}</DescriptionRow>}
      {transfer.customer_text && <DescriptionRow name={t('receipt.reason')}>{transfer.customer_text}</DescriptionRow>}
      <DescriptionRow name={t('receipt.when')}>
        <Box component="span" sx={tabularNumbers}>
          {formatExactTime(transfer.ended_at ?? transfer.created_at, meta.time_zone, language)}
        </Box>
      </DescriptionRow>
      <DescriptionRow name={t('receipt.id')}>
        <Box component="span" sx={{ ...tabularNumbers, fontSize: '0.75rem' }}>
          {transfer.id}
        </Box>
      </DescriptionRow>
    </Box>
  );
}
