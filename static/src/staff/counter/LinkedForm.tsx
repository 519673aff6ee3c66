import Add from '@mui/icons-material/Add';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useCallback, useState } from 'react';
import { useTranslate } from 'react-admin';
import type { components } from '../../api/schema';
import { staffForms } from '../../submissions/requests';
import { To } from '../fields/fields';
import { useProblem } from '../hooks/useErrorText';
import { Ask } from '../record/ConfirmDialog';
import { Sheet } from './CounterForm';
import { LinkedStep } from './LinkedStep';
import { type Draft, drafted, type StepBody, wrongOf } from './linkedSteps';
import { useOrder } from './useCounterSubmit';

const MOST_STEPS = 64;

/** Several movements that happen together or not at all. */
export function LinkedForm({ head, number }: { head: ReactNode; number: string }) {
  const t = useTranslate();
  const problem = useProblem();
  const [drafts, setDrafts] = useState<Draft[]>(() => [drafted(0, number), drafted(1)]);
  const [bodies, setBodies] = useState<Record<number, StepBody | null>>({});
  const [asking, ask] = useState(false);
  const order = useOrder<components['schemas']['LinkedTransfers']>(() => {
    setDrafts([drafted(Date.now()), drafted(Date.now() + 1)]);
  });
  const change = useCallback(
    (key: number, changes: Partial<Draft>) =>
      setDrafts(before => before.map(draft => (draft.key === key ? { ...draft, ...changes } : draft))),
    [],
  );
  const report = useCallback(
    (key: number, body: StepBody | null) => setBodies(before => ({ ...before, [key]: body })),
    [],
  );
  const steps = drafts.map(({ key }) => bodies[key]).filter(body => body !== null && body !== undefined);
  const ready = steps.length === drafts.length && !order.isOpen;
  const book = () => {
    ask(false);
    order.book(staffForms.linked({ steps }, { count: steps.length }));
  };
  const done = order.done && (
    <Alert severity="success">
      {t('staff.linking.done', { smart_count: order.done.transfers.length })} ·{' '}
      <To to={`/transfers/${order.done.id}~0/show`}>{order.done.id.slice(-8)}</To>
    </Alert>
  );
  return (
    <Sheet
      head={head}
      onSubmit={() => ready && ask(true)}
      side={
        <>
          <Alert severity="info">{t('staff.linking.words')}</Alert>
          {done}
        </>
      }
    >
      <Box component="ol" sx={{ listStyle: 'none', p: 0, m: 0, display: 'grid', gap: 2 }}>
        {drafts.map((draft, at) => (
          <LinkedStep
            key={draft.key}
            place={at + 1}
            draft={draft}
            change={change}
            report={report}
            wrong={wrongOf(order.wrong, at)}
            remove={
              drafts.length > 1 ? () => setDrafts(before => before.filter(({ key }) => key !== draft.key)) : undefined
            }
          />
        ))}
      </Box>
      <Button
        color="secondary"
        variant="outlined"
        startIcon={<Add />}
        disabled={drafts.length >= MOST_STEPS}
        onClick={() => setDrafts(before => [...before, drafted(Math.max(...before.map(({ key }) => key)) + 1)])}
      >
        {t('staff.linking.add')}
      </Button>
      {order.error !== null && (
        <Alert severity="error" role="alert">
          {problem(order.error)}
        </Alert>
      )}
      <Button type="submit" variant="contained" size="large" disabled={!ready} loading={order.isPending}>
        {t('staff.do.linked')}
      </Button>
      <Ask
        open={asking}
        name={t('staff.do.linked')}
        question={t('staff.linking.question', { smart_count: steps.length })}
        onDo={book}
        onClose={() => ask(false)}
      />
    </Sheet>
  );
}
