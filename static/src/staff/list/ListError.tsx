import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { useListContext } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { useErrorText } from '../hooks/useErrorText';

/** The error of a list that could not be read. */
export function ListError() {
  const { t } = useLanguage();
  const { error, refetch } = useListContext();
  const text = useErrorText()(error);
  if (!error) return null;
  return (
    <Alert
      severity="error"
      action={
        <Button color="inherit" size="small" onClick={() => void refetch()}>
          {t('staff.tryAgain')}
        </Button>
      }
    >
      {text}
    </Alert>
  );
}
