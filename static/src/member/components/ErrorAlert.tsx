import Alert from '@mui/material/Alert';
import Button from '@mui/material/Button';
import { errorText } from '../../i18n/errors';
import { useLanguage } from '../../i18n/member';

/** An error, announced to screen readers. */
export function ErrorAlert({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useLanguage();
  if (!error) return null;
  return (
    <Alert
      severity="error"
      variant="standard"
      sx={{ mb: 2 }}
      action={
        retry && (
          <Button color="inherit" size="small" onClick={retry}>
            {t('common.retry')}
          </Button>
        )
      }
    >
      {errorText(t, error)}
    </Alert>
  );
}
