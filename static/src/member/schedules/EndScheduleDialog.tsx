import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import type { Schedule } from '../../api/types';
import { formatAccountNumber } from '../../format/accountNumber';
import { formatMoney } from '../../format/money';
import { useLanguage } from '../../i18n/member';

interface Props {
  schedule: Schedule;
  open: boolean;
  busy: boolean;
  onClose: () => void;
  onEnd: () => void;
}

/** Asks for confirmation before a standing order ends. */
export function EndScheduleDialog({ schedule, open, busy, onClose, onEnd }: Props) {
  const { t, language } = useLanguage();
  const title = `end-${schedule.id}`;
  return (
    <Dialog open={open} onClose={onClose} aria-labelledby={title} maxWidth="xs">
      <DialogTitle id={title}>{t('schedules.endTitle')}</DialogTitle>
      <DialogContent>
        {t('schedules.endWords', {
          amount: formatMoney(schedule.amount, schedule.currency, schedule.scale, language),
          to: formatAccountNumber(schedule.to),
        })}
      </DialogContent>
      <DialogActions sx={{ p: 2.5 }}>
        <Button color="inherit" onClick={onClose}>
          {t('common.cancel')}
        </Button>
        <Button color="error" variant="contained" loading={busy} onClick={onEnd}>
          {t('schedules.end')}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
