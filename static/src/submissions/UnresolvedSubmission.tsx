import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { useRef, useState } from 'react';
import { errorText } from '../i18n/errors';
import { useLanguage } from '../i18n/shared';
import { describeSubmission } from './describe';
import type { Outcome, Submission } from './lifecycle';
import { discard, lastError, resubmit } from './submit';

interface Props {
  submission: Submission;
  onResolved: (submission: Submission, outcome: Exclude<Outcome<unknown>, { kind: 'unknown' }>) => void;
}

/** A submission whose outcome is unknown, with a button that sends it again under its key. */
export function UnresolvedSubmission({ submission, onResolved }: Props) {
  const { t, language } = useLanguage();
  const [error, setError] = useState(() => lastError(submission));
  const [isSubmitting, setSubmitting] = useState(false);
  const busy = useRef(false);
  const finish = async () => {
    if (busy.current) return;
    busy.current = true;
    setSubmitting(true);
    const outcome = await resubmit(submission);
    busy.current = false;
    setSubmitting(false);
    if (outcome.kind === 'unknown') setError(outcome.error);
    else onResolved(submission, outcome);
  };
  // Only where a retry would be answered the same can the member put it aside. While no answer arrives, one still may.
  const isUndecidable = error !== null && error.status !== 401 && error.status !== 412 && error.isPermanent;
  return (
    <Paper variant="outlined" component="section" sx={{ p: { xs: 2, sm: 3 } }}>
      <Typography variant="h2" gutterBottom>
        {t(isUndecidable ? 'submission.undecidableTitle' : 'submission.title')}
      </Typography>
      <Typography sx={{ mb: 2 }}>
        {t('submission.unknown', { what: describeSubmission(t, language, submission) })}
      </Typography>
      {error && (
        <Alert severity="warning" sx={{ mb: 2 }}>
          {errorText(t, error)}
          {isUndecidable && ` ${t('submission.undecidable')}`}
        </Alert>
      )}
      <Box sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
        <Button variant="contained" loading={isSubmitting} onClick={() => void finish()} sx={{ flex: 1 }}>
          {t('submission.finish')}
        </Button>
        {isUndecidable && (
          <Button color="inherit" disabled={isSubmitting} onClick={() => discard(submission)}>
            {t('submission.discard')}
          </Button>
        )}
      </Box>
    </Paper>
  );
}
