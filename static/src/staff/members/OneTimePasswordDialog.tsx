import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogContentText from '@mui/material/DialogContentText';
import DialogTitle from '@mui/material/DialogTitle';
import Typography from '@mui/material/Typography';
import { useLanguage } from '../../i18n/staff';

/** A one-time password, which is shown only once. */
export function OneTimePasswordDialog({
  username,
  password,
  onClose,
}: {
  username: string;
  password: string;
  onClose: () => void;
}) {
  const { t } = useLanguage();
  return (
    <Dialog open={password !== ''} onClose={onClose} maxWidth="xs" fullWidth>
      <DialogTitle>{t('staff.oneTime')}</DialogTitle>
      <DialogContent>
        <DialogContentText>{t('staff.oneTimeWords', { username })}</DialogContentText>
        <Typography
          component="output"
          sx={{
            display: 'block',
            mt: 2,
            p: 2,
            borderRadius: 2,
            bgcolor: 'action.hover',
            fontFamily: 'ui-monospace, monospace',
            fontSize: '1.125rem',
            userSelect: 'all',
            overflowWrap: 'anywhere',
          }}
        >
          {password}
        </Typography>
      </DialogContent>
      <DialogActions>
        <Button variant="contained" onClick={onClose}>
          {t('ra.action.close')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
