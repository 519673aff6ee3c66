import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useListContext, useTranslate } from 'react-admin';
import { useErrorText } from '../hooks/useErrorText';

/** Why a list could not be read. */
export function ListError() {
  const t = useTranslate();
  const { error, refetch } = useListContext();
  const text = useErrorText()(error);
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
