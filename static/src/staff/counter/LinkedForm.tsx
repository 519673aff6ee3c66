import Add from '@mui/icons-material/Add';
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useCallback, useState } from 'react';
import type { components } from '../../api/schema';
import { useLanguage } from '../../i18n/staff';
import { staffRequests } from '../../submissions/requests';
import { InlineLink } from '../fields/InlineLink';
import { useErrorText } from '../hooks/useErrorText';
import { ConfirmDialog } from '../record/ConfirmDialog';
import { CounterForm } from './CounterForm';
import { LinkedStep } from './LinkedStep';
import { emptyStep, type StepBody, type StepDraft, stepErrors } from './linkedSteps';
import { useCounterSubmit } from './useCounterSubmit';

const MOST_STEPS = 64;

/** The form for linked transfers, which are booked together or not at all. */
export function LinkedForm({ head, number }: { head: ReactNode; number: string }) {
  const { t } = useLanguage();
  const problem = useErrorText();
  const [drafts, setDrafts] = useState<StepDraft[]>(() => [emptyStep(0, number), emptyStep(1)]);
  const [bodies, setBodies] = useState<Record<number, StepBody | null>>({});
  const [asking, ask] = useState(false);
  const booking = useCounterSubmit<components['schemas']['LinkedTransfers']>(() => {
    setDrafts([emptyStep(Date.now()), emptyStep(Date.now() + 1)]);
  });
  const change = useCallback(
    (key: number, changes: Partial<StepDraft>) =>
      setDrafts(before => before.map(draft => (draft.key === key ? { ...draft, ...changes } : draft))),
    [],
  );
  const report = useCallback(
    (key: number, body: StepBody | null) => setBodies(before => ({ ...before, [key]: body })),
    [],
  );
  const steps = drafts.map(({ key }) => bodies[key]).filter(body => body !== null && body !== undefined);
  const ready = steps.length === drafts.length && !booking.isBlocked;
  const book = () => {
    ask(false);
    booking.book(staffRequests.linked({ steps }, { count: steps.length }));
  };
  const done = booking.done && (
    <Alert severity="success">
      {t('counter.linking.done', { count: booking.done.transfers.length })} ·{' '}
      <InlineLink to={`/transfers/${booking.done.id}~0/show`}>{booking.done.id.slice(-8)}</InlineLink>
    </Alert>
  );
  return (
    <CounterForm
      head={head}
      onSubmit={() => ready && ask(true)}
      side={
        <>
          <Alert severity="info">{t('counter.linking.words')}</Alert>
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
            wrong={stepErrors(booking.wrong, at)}
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
        onClick={() => setDrafts(before => [...before, emptyStep(Math.max(...before.map(({ key }) => key)) + 1)])}
      >
        {t('counter.linking.add')}
      </Button>
      {booking.error !== null && (
        <Alert severity="error" role="alert">
          {problem(booking.error)}
        </Alert>
      )}
      <Button type="submit" variant="contained" size="large" disabled={!ready} loading={booking.isSubmitting}>
        {t('counter.submit.linked')}
      </Button>
      <ConfirmDialog
        open={asking}
        title={t('counter.submit.linked')}
        question={t('counter.linking.question', { count: steps.length })}
        onConfirm={book}
        onClose={() => ask(false)}
      />
    </CounterForm>
  );
}
