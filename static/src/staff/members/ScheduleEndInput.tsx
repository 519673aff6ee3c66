import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useLanguage } from '../../i18n/staff';
import { SCHEDULE_ENDS, type ScheduleEnd } from '../api/actions';

/** Selects what happens to the standing orders of disabled members. */
export function ScheduleEndInput({ value, onChange }: { value: ScheduleEnd; onChange: (value: ScheduleEnd) => void }) {
  const { t } = useLanguage();
  return (
    <TextField
      select
      fullWidth
      size="small"
      margin="dense"
      label={t('resources.schedules.name', { count: 2 })}
      value={value}
      onChange={event => onChange(event.target.value as ScheduleEnd)}
    >
      {SCHEDULE_ENDS.map(end => (
        <MenuItem key={end} value={end}>
          {t(`staff.scheduleEnd.${end}`)}
        </MenuItem>
      ))}
    </TextField>
  );
}
