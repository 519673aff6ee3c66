import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useGetIdentity, usePermissions } from 'react-admin';
import type { Role } from '../../api/types';
import { useLanguage } from '../../i18n/staff';
import { staffRequests } from '../../submissions/requests';
import { submitOrThrow } from '../../submissions/submit';
import type { TransferRecord } from '../api/records';
import { isAllowed } from '../providers/permissions';
import { ActionButton } from '../record/ActionButton';
import { transferSubject } from './transferSummary';
import { useAmountField } from './useAmountField';

interface Props {
  hold: TransferRecord;
  size?: 'small' | 'medium';
}

/** A hold among linked transfers has its own id. */
const idOf = ({ id, hold }: TransferRecord) => hold ?? id;

/** Settles or releases a hold, for the member of staff who placed it and for administrators. */
export function HoldActions({ hold, size }: Props) {
  const { identity } = useGetIdentity();
  const { permissions } = usePermissions<Role>();
  if (hold.status !== 'held' || !permissions || !isAllowed(permissions, 'settle', 'holds')) return null;
  const isTheirs = permissions === 'admin' || !hold.placed_by || hold.placed_by === identity?.id;
  return isTheirs ? (
    <>
      <Settle hold={hold} size={size} />
      <Release hold={hold} size={size} />
    </>
  ) : null;
}

function Settle({ hold, size }: Props) {
  const { t } = useLanguage();
  const amount = useAmountField(hold.remaining, hold.scale ?? 0, hold.currency);
  const [isLast, setLast] = useState(false);
  const isPart = amount.minor < hold.remaining;
  const body = { amount: amount.minor, keep_rest: isPart && !isLast };
  const run = async () => {
    await submitOrThrow(staffRequests.settlement(idOf(hold), body, { ...transferSubject(hold), minor: amount.minor }));
    amount.reset();
  };
  return (
    <ActionButton
      size={size}
      name={t('staff.settle')}
      question={t('staff.settleQuestion')}
      done={t('staff.saved')}
      run={run}
      disabled={amount.wrong}
    >
      {amount.input}
      <FormControlLabel
        sx={{ mt: 1 }}
        disabled={!isPart}
        control={<Checkbox checked={!isPart || isLast} onChange={event => setLast(event.target.checked)} />}
        label={t('counter.holding.rest')}
      />
    </ActionButton>
  );
}

function Release({ hold, size }: Props) {
  const { t } = useLanguage();
  const [reason, setReason] = useState('');
  const [customerText, setCustomerText] = useState('');
  const texts = { ...(reason && { reason }), ...(customerText && { customer_text: customerText }) };
  return (
    <ActionButton
      size={size}
      name={t('staff.void')}
      color="error"
      question={t('staff.voidQuestion')}
      done={t('staff.saved')}
      run={() => submitOrThrow(staffRequests.release(idOf(hold), texts, transferSubject(hold)))}
    >
      <TextField
        fullWidth
        autoFocus
        label={t('resources.holds.fields.reason')}
        value={reason}
        onChange={event => setReason(event.target.value.slice(0, 140))}
      />
      <TextField
        fullWidth
        sx={{ mt: 2 }}
        label={t('resources.holds.fields.customer_text')}
        value={customerText}
        onChange={event => setCustomerText(event.target.value.slice(0, 140))}
      />
    </ActionButton>
  );
}
