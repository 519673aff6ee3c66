import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { ApiError } from '../api/apiError';
import { useLanguage } from '../i18n';
import { failureText, useRefusalText } from '../i18n/errors';
import { describeSubmission } from './describe';
import type { Submission } from './lifecycle';
import type { RequestKind } from './requests';
import { discard, lastError, resubmit, useUnresolved } from './submit';

interface Props {
  kinds: readonly RequestKind[];
  /** Told what an order has led to, where there is more to do than to show everything anew. */
  onAnswered?: (order: Submission, answer: unknown) => void;
}

/** The orders of which it is not known whether the bank has carried them out: to be finished under the keys that they were sent with. */
export function UnresolvedSubmissions({ kinds, onAnswered }: Props) {
  const { t, language } = useLanguage();
  const client = useQueryClient();
  const open = useUnresolved(kinds);
  // What came of it last: it is told where the order stood, which is there no more.
  const [over, setOver] = useState<{ text: string; isDone: boolean } | null>(null);
  const refusalText = useRefusalText();
  const why = ({ subject: { currency = '', scale = 0 } }: Submission, failure: ApiError) =>
    failure.status === 422
      ? refusalText({ code: failure.code, detail: failure.message, figures: failure.figures }, { currency, scale })
      : failureText(t, failure);
  const end = (order: Submission, failure: ApiError | null, answer?: unknown) => {
    const what = describeSubmission(t, language, order);
    setOver({
      isDone: !failure,
      text: failure ? `${t('order.refused', { what })} ${why(order, failure)}` : t('order.done', { what }),
    });
    void client.invalidateQueries();
    if (!failure) onAnswered?.(order, answer);
  };
  if (open.length === 0 && !over) return null;
  return (
    <Box className="no-print" sx={{ display: 'grid', gap: 2, mb: 2.5, maxWidth: 560 }} aria-live="polite">
      {over && (
        <Alert severity={over.isDone ? 'success' : 'error'} onClose={() => setOver(null)}>
          {over.text}
        </Alert>
      )}
      {open.map(order => (
        <OpenOrder key={order.key} order={order} onEnd={end} />
      ))}
    </Box>
  );
}

function OpenOrder({
  order,
  onEnd,
}: {
  order: Submission;
  onEnd: (order: Submission, failure: ApiError | null, answer?: unknown) => void;
}) {
  const { t, language } = useLanguage();
  const [failure, setFailure] = useState(() => lastError(order));
  const [sending, setSending] = useState(false);
  const busy = useRef(false);
  const again = async () => {
    if (busy.current) return;
    busy.current = true;
    setSending(true);
    const outcome = await resubmit(order);
    busy.current = false;
    setSending(false);
    if (outcome.kind === 'open') setFailure(outcome.failure);
    else
      onEnd(
        order,
        outcome.kind === 'refused' ? outcome.failure : null,
        outcome.kind === 'answered' ? outcome.answer : undefined,
      );
  };
  // Only what the bank itself will not say can be put aside: as long as no answer comes, one may still come.
  const isUnsayable = failure !== null && failure.status !== 401 && failure.status !== 412 && failure.isPermanent;
  return (
    <Paper variant="outlined" component="section" sx={{ p: { xs: 2, sm: 3 } }}>
      <Typography variant="h2" gutterBottom>
        {t(isUnsayable ? 'order.unclear' : 'order.title')}
      </Typography>
      <Typography sx={{ mb: 2 }}>{t('order.unknown', { what: describeSubmission(t, language, order) })}</Typography>
      {failure && (
        <Alert severity="warning" sx={{ mb: 2 }}>
          {failureText(t, failure)}
          {isUnsayable && ` ${t('order.unsayable')}`}
        </Alert>
      )}
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        <Button variant="contained" loading={sending} onClick={() => void again()} sx={{ flex: 1 }}>
          {t('order.finish')}
        </Button>
        {isUnsayable && (
          <Button color="inherit" disabled={sending} onClick={() => discard(order)}>
            {t('order.dismiss')}
          </Button>
        )}
      </Box>
    </Paper>
  );
}
