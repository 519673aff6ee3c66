import TextField from '@mui/material/TextField';
import { useRef, useState } from 'react';
import { useTranslate } from 'react-admin';
import { useNavigate } from 'react-router-dom';
import { field, parse, typed } from '../../format/money';
import { newKey } from '../../send/attempt';
import type { TransferRecord } from '../resources/records';
import { reverse, settle, steerPending, voidHold } from '../resources/ways';
import { Act } from '../show/Act';
import { useMay } from '../useMay';

/** Cash is put right at the counter; what is reversed moved between accounts. */
const REVERSIBLE = new Set(['transfer', 'settlement']);

/** What staff does about a movement: the way back, or the end of what is still open. */
export function TransferActions({ movement }: { movement: TransferRecord }) {
  const t = useTranslate();
  const may = useMay();
  const { status, kind } = movement;
  return (
    <>
      {status === 'posted' && REVERSIBLE.has(kind) && may('reverse', 'transfers') && <Reverse movement={movement} />}
      {status === 'pending' && may('edit', 'accounts') && <Act name={t('staff.retry')} question={t('staff.retry_question')} done="staff.saved" run={() => steerPending(movement.id, 'retry')} />}
      {status === 'pending' && may('edit', 'accounts') && <Act name={t('staff.cancel')} color="error" question={t('staff.cancel_question')} done="staff.saved" run={() => steerPending(movement.id, 'cancel')} />}
      {status === 'held' && may('settle', 'holds') && <Settle movement={movement} />}
      {status === 'held' && may('void', 'holds') && <Act name={t('staff.void')} color="error" question={t('staff.void_question')} done="staff.saved" run={() => voidHold(movement.id, {})} />}
    </>
  );
}

/** A field for an amount of the movement's currency, with the whole of it at first. */
function useAmount(most: number, scale: number) {
  const t = useTranslate();
  const [text, setText] = useState(field(most, scale));
  const minor = parse(text, scale).minor ?? 0;
  const wrong = minor <= 0 || minor > most;
  const input = <TextField fullWidth autoFocus label={t('staff.amount')} value={text} error={wrong} helperText={t('staff.at_most', { amount: field(most, scale) })} onChange={event => setText(typed(event.target.value, scale))} slotProps={{ htmlInput: { inputMode: 'decimal' } }} />;
  return { minor, wrong, input };
}

function Reverse({ movement }: { movement: TransferRecord }) {
  const t = useTranslate();
  const navigate = useNavigate();
  const amount = useAmount(movement.amount, movement.scale ?? 0);
  const [label, setLabel] = useState('');
  const key = useRef(newKey());
  const run = async () => {
    const made = await reverse(movement.id, { ...(amount.minor < movement.amount && { amount: amount.minor }), ...(label && { label }) }, key.current);
    key.current = newKey();
    void navigate(`/transfers/${made.id}/show`);
  };
  return (
    <Act name={t('staff.reverse')} question={t('staff.reverse_words')} done="staff.reversed" run={run} disabled={amount.wrong}>
      {amount.input}
      <TextField fullWidth sx={{ mt: 2 }} label={t('staff.label')} value={label} onChange={event => setLabel([...event.target.value].slice(0, 10).join(''))} />
    </Act>
  );
}

function Settle({ movement }: { movement: TransferRecord }) {
  const t = useTranslate();
  const amount = useAmount(movement.remaining, movement.scale ?? 0);
  const key = useRef(newKey());
  const run = async () => {
    await settle(movement.id, { amount: amount.minor }, key.current);
    key.current = newKey();
  };
  return <Act name={t('staff.settle')} question={t('staff.settle_question')} done="staff.saved" run={run} disabled={amount.wrong}>{amount.input}</Act>;
}
