import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useLanguage } from '../../i18n/staff';
import { PageHeader } from './PageHeader';

/** The page that is shown after a rendering error. A reload may help. */
export function ErrorPage({ error }: { error?: Error }) {
  const { t } = useLanguage();
  return (
    <Box sx={{ display: 'grid', gap: 2, maxWidth: 720 }}>
      <PageHeader title={t('ra.page.error')} />
      <Alert
        severity="error"
        action={
          <Button color="inherit" size="small" onClick={() => location.reload()}>
            {t('staff.tryAgain')}
          </Button>
        }
      >
        {t('ra.message.error')} {error?.message}
      </Alert>
    </Box>
  );
}
