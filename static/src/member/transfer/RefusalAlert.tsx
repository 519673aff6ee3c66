import Alert from '@mui/material/Alert';
import type { ApiError } from '../../api/apiError';
import type { Account } from '../../api/types';
import { useRefusalText } from '../../i18n/errors';
import { ErrorAlert } from '../components/ErrorAlert';

/** The reason why the bank refused a transfer, announced to screen readers. */
export function RefusalAlert({ failure, account }: { failure: ApiError; account: Account }) {
  const refusalText = useRefusalText();
  if (failure.status !== 422) return <ErrorAlert error={failure} />;
  return (
    <Alert severity="error" sx={{ mb: 2 }}>
      {refusalText({ code: failure.code, detail: failure.message, figures: failure.figures }, account)}
    </Alert>
  );
}
