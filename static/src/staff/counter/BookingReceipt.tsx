import Alert from '@mui/material/Alert';
import { formatAmount } from '../../format/money';
import { useLanguage } from '../../i18n/staff';
import type { TransferRecord } from '../api/records';
import { DateTime } from '../fields/DateTime';
import { InlineLink } from '../fields/InlineLink';

/** A receipt for what was booked. */
export function BookingReceipt({ transfer }: { transfer: TransferRecord }) {
  const { t } = useLanguage();
  const amount = `${formatAmount(transfer.amount, transfer.scale ?? 0)} ${transfer.currency}`;
  return (
    <Alert severity="success">
      {transfer.kind === 'hold'
        ? t('counter.holding.placed', { amount })
        : t('counter.booked', { kind: t(`staff.kind.${transfer.kind}`), amount })}{' '}
      · <DateTime at={transfer.created_at} seconds /> ·{' '}
      <InlineLink to={`/${transfer.kind === 'hold' ? 'holds' : 'transfers'}/${transfer.id}/show`}>
        {transfer.id.slice(-8)}
      </InlineLink>
    </Alert>
  );
}
