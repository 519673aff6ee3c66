import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiError } from '../api/apiError';
import { errorText, useRefusalText } from '../i18n/errors';
import { useLanguage } from '../i18n/shared';
import { describeSubmission } from './describe';
import type { Outcome, Submission } from './lifecycle';
import type { RequestKind } from './requests';
import { useUnresolved } from './submit';
import { UnresolvedSubmission } from './UnresolvedSubmission';

interface Props {
  kinds: readonly RequestKind[];
  /** Called with the answer to a submission that was finished here. All queries are refreshed anyway. */
  onAnswered?: (answer: unknown) => void;
}

/** Lists the submissions whose outcome is unknown, each with a button that sends it again under its key. */
export function UnresolvedSubmissions({ kinds, onAnswered }: Props) {
  const { t, language } = useLanguage();
  const client = useQueryClient();
  const unresolved = useUnresolved(kinds);
  // Shown where the submission stood, which disappears when it is resolved.
  const [result, setResult] = useState<{ text: string; isDone: boolean } | null>(null);
  const refusalText = useRefusalText();
  const reason = (
    { subject: { currency = '', scale = 0 } }: Submission,
    { status, code, message, figures }: ApiError,
  ) => (status === 422 ? refusalText({ code, detail: message, figures }, { currency, scale }) : null);
  const handleResolved = (submission: Submission, outcome: Exclude<Outcome<unknown>, { kind: 'unknown' }>) => {
    const description = describeSubmission(t, language, submission);
    const text =
      outcome.kind === 'answered'
        ? t('submission.done', { what: description })
        : `${t('submission.refused', { what: description })} ${reason(submission, outcome.error) ?? errorText(t, outcome.error)}`;
    setResult({ isDone: outcome.kind === 'answered', text });
    void client.invalidateQueries();
    if (outcome.kind === 'answered') onAnswered?.(outcome.answer);
  };
  if (unresolved.length === 0 && !result) return null;
  return (
    <Box className="no-print" sx={{ display: 'grid', gap: 2, mb: 2.5, maxWidth: 560 }} aria-live="polite">
      {result && (
        <Alert severity={result.isDone ? 'success' : 'error'} onClose={() => setResult(null)}>
          {result.text}
        </Alert>
      )}
      {unresolved.map(submission => (
        <UnresolvedSubmission key={submission.key} submission={submission} onResolved={handleResolved} />
      ))}
    </Box>
  );
}
