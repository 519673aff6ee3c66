import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useListContext, useTranslate } from 'react-admin';
import { useProblem } from '../hooks/useErrorText';

/** Why a list could not be read. */
export function ListTrouble() {
  const t = useTranslate();
  const { error, refetch } = useListContext();
  const text = useProblem()(error);
  if (!error) return null;
  return (
    <Alert
      severity="error"
      action={
        <Button color="inherit" size="small" onClick={() => void refetch()}>
          {t('staff.try_again')}
        </Button>
      }
    >
      {text}
    </Alert>
  );
}
