import Alert from '@mui/material/Alert';
import type { Failure } from '../../api/apiError';
import type { Account } from '../../api/types';
import { useRefusalText } from '../../i18n/errors';
import { Failed } from '../components/parts';

/** Why the bank did not carry a transfer out, announced. */
export function Refused({ failure, account }: { failure: Failure; account: Account }) {
  const refusalText = useRefusalText();
  if (failure.status !== 422) return <Failed error={failure} />;
  return (
    <Alert severity="error" sx={{ mb: 2 }}>
      {refusalText({ code: failure.code, detail: failure.message, figures: failure.figures }, account)}
    </Alert>
  );
}
