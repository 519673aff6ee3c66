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
import { parseTransferId } from '../providers/transferId';
import { ActionButton } from '../record/ActionButton';
import { HoldActions } from './HoldActions';
import { transferSubject } from './transferSummary';
import { useAmountField } from './useAmountField';

/** The actions on a transfer: a reversal, or the end of what is still open. */
export function TransferActions({ transfer }: { transfer: TransferRecord }) {
  const { t } = useLanguage();
  const can = useCan();
  const canChange = transfer.status === 'pending' && can('edit', 'accounts');
  return (
    <>
      <HoldActions hold={transfer} />
      {transfer.reversible
        ? can('reverse', 'transfers') && <Reverse transfer={transfer} left={transfer.reversible} />
        : null}
      {canChange && (
        <ActionButton
          name={t('staff.retry')}
          question={t('staff.retryQuestion')}
          done={t('staff.saved')}
          run={() => changePendingTransfer(transfer.id, 'retry')}
        />
      )}
      {canChange && (
        <ActionButton
          name={t('staff.cancel')}
          color="error"
          question={t('staff.cancelQuestion')}
          done={t('staff.saved')}
          run={() => changePendingTransfer(transfer.id, 'cancel')}
        />
      )}
    </>
  );
}

/** Reverses a transfer, in part or as far as it was not reversed yet. */
function Reverse({ transfer, left }: { transfer: TransferRecord; left: number }) {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const amount = useAmountField(left, transfer.scale ?? 0, transfer.currency);
  const [label, setLabel] = useState('');
  const { command, step } = parseTransferId(transfer.id);
  const run = async () => {
    const body = { amount: amount.minor, ...(label && { label }), ...(step !== undefined && { step }) };
    const made = await submitOrThrow<Transfer>(
      staffRequests.reversal(command, body, { ...transferSubject(transfer), minor: amount.minor }),
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
