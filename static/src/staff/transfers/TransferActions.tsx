import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import type { Transfer } from '../../api/types';
import { useLanguage } from '../../i18n/staff';
import { staffRequests } from '../../submissions/requests';
import { submitOrThrow } from '../../submissions/submit';
import { changePendingTransfer } from '../api/actions';
import type { TransferRecord } from '../api/records';
import { useCan } from '../hooks/useCan';
import { parseMovementId } from '../providers/movementId';
import { ActionButton } from '../record/ActionButton';
import { HoldActions } from './HoldActions';
import { transferSubject } from './transferSummary';
import { useAmountField } from './useAmountField';

/** The actions on a transfer: a reversal, or the end of what is still open. */
export function TransferActions({ movement }: { movement: TransferRecord }) {
  const { t } = useLanguage();
  const can = useCan();
  const steers = movement.status === 'pending' && can('edit', 'accounts');
  return (
    <>
      <HoldActions hold={movement} />
      {movement.reversible
        ? can('reverse', 'transfers') && <Reverse movement={movement} left={movement.reversible} />
        : null}
      {steers && (
        <ActionButton
          name={t('staff.retry')}
          question={t('staff.retryQuestion')}
          done={t('staff.saved')}
          run={() => changePendingTransfer(movement.id, 'retry')}
        />
      )}
      {steers && (
        <ActionButton
          name={t('staff.cancel')}
          color="error"
          question={t('staff.cancelQuestion')}
          done={t('staff.saved')}
          run={() => changePendingTransfer(movement.id, 'cancel')}
        />
      )}
    </>
  );
}

/** Reverses a transfer, in part or as far as it was not reversed yet. */
function Reverse({ movement, left }: { movement: TransferRecord; left: number }) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const amount = useAmountField(left, movement.scale ?? 0, movement.currency);
  const [label, setLabel] = useState('');
  const { command, step } = parseMovementId(movement.id);
  const run = async () => {
    const body = { amount: amount.minor, ...(label && { label }), ...(step !== undefined && { step }) };
    const made = await submitOrThrow<Transfer>(
      staffRequests.reversal(command, body, { ...transferSubject(movement), minor: amount.minor }),
    );
    amount.reset();
    void navigate(`/transfers/${made.id}/show`);
  };
  return (
    <ActionButton
      name={t('staff.reverse')}
      question={t('staff.reverseWords')}
      done={t('staff.reversed')}
      run={run}
      disabled={amount.wrong}
    >
      {amount.input}
      <TextField
        fullWidth
        sx={{ mt: 2 }}
        label={t('counter.label')}
        value={label}
        onChange={event => setLabel([...event.target.value].slice(0, 10).join(''))}
      />
    </ActionButton>
  );
}
