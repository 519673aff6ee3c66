import TextField from '@mui/material/TextField';
import { useState } from 'react';
import { useTranslate } from 'react-admin';
import { useNavigate } from 'react-router-dom';
import type { Transfer } from '../../api/types';
import { staffForms } from '../../submissions/requests';
import { place } from '../../submissions/submit';
import { steerPending } from '../api/actions';
import type { TransferRecord } from '../api/records';
import { useMay } from '../hooks/useCan';
import { movementOf } from '../providers/movementId';
import { Act } from '../record/ActionButton';
import { HoldActions } from './HoldActions';
import { aboutOf } from './transferSummary';
import { useAmount } from './useAmountField';

/** What staff does about a movement: the way back, or the end of what is still open. */
export function TransferActions({ movement }: { movement: TransferRecord }) {
  const t = useTranslate();
  const may = useMay();
  const steers = movement.status === 'pending' && may('edit', 'accounts');
  return (
    <>
      <HoldActions hold={movement} />
      {movement.reversible
        ? may('reverse', 'transfers') && <Reverse movement={movement} left={movement.reversible} />
        : null}
      {steers && (
        <Act
          name={t('staff.retry')}
          question={t('staff.retry_question')}
          done="staff.saved"
          run={() => steerPending(movement.id, 'retry')}
        />
      )}
      {steers && (
        <Act
          name={t('staff.cancel')}
          color="error"
          question={t('staff.cancel_question')}
          done="staff.saved"
          run={() => steerPending(movement.id, 'cancel')}
        />
      )}
    </>
  );
}

/** Back from the receiver to the sender, what is left of it or a part of that. */
function Reverse({ movement, left }: { movement: TransferRecord; left: number }) {
  const t = useTranslate();
  const navigate = useNavigate();
  const amount = useAmount(left, movement.scale ?? 0, movement.currency);
  const [label, setLabel] = useState('');
  const { command, step } = movementOf(movement.id);
  const run = async () => {
    const body = { amount: amount.minor, ...(label && { label }), ...(step !== undefined && { step }) };
    const made = await place<Transfer>(
      staffForms.reversal(command, body, { ...aboutOf(movement), minor: amount.minor }),
    );
    amount.reset();
    void navigate(`/transfers/${made.id}/show`);
  };
  return (
    <Act
      name={t('staff.reverse')}
      question={t('staff.reverse_words')}
      done="staff.reversed"
      run={run}
      disabled={amount.wrong}
    >
      {amount.input}
      <TextField
        fullWidth
        sx={{ mt: 2 }}
        label={t('staff.label')}
        value={label}
        onChange={event => setLabel([...event.target.value].slice(0, 10).join(''))}
      />
    </Act>
  );
}
