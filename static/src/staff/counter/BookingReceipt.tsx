import Alert from '@mui/material/Alert';
import { useTranslate } from 'react-admin';
import { digits } from '../../format/money';
import type { TransferRecord } from '../api/records';
import { Moment, To } from '../fields/fields';

/** What was booked. */
export function Receipt({ movement }: { movement: TransferRecord }) {
  const t = useTranslate();
  const amount = `${digits(movement.amount, movement.scale ?? 0)} ${movement.currency}`;
  return (
    <Alert severity="success">
      {movement.kind === 'hold'
        ? t('staff.holding.placed', { amount })
        : t('staff.booked', { kind: t(`staff.kind.${movement.kind}`), amount })}{' '}
      · <Moment at={movement.created_at} seconds /> ·{' '}
      <To to={`/${movement.kind === 'hold' ? 'holds' : 'transfers'}/${movement.id}/show`}>{movement.id.slice(-8)}</To>
    </Alert>
  );
}
