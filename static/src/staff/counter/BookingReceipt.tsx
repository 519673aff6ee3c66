import Alert from '@mui/material/Alert';
import { formatAmount } from '../../format/money';
import { useLanguage } from '../../i18n/staff';
import type { TransferRecord } from '../api/records';
import { DateTime } from '../fields/DateTime';
import { InlineLink } from '../fields/InlineLink';

/** A receipt for what was booked. */
export function BookingReceipt({ movement }: { movement: TransferRecord }) {
  const { t } = useLanguage();
  const amount = `${formatAmount(movement.amount, movement.scale ?? 0)} ${movement.currency}`;
  return (
    <Alert severity="success">
      {movement.kind === 'hold'
        ? t('counter.holding.placed', { amount })
        : t('counter.booked', { kind: t(`staff.kind.${movement.kind}`), amount })}{' '}
      · <DateTime at={movement.created_at} seconds /> ·{' '}
      <InlineLink to={`/${movement.kind === 'hold' ? 'holds' : 'transfers'}/${movement.id}/show`}>
        {movement.id.slice(-8)}
      </InlineLink>
    </Alert>
  );
}
