import Chip from '@mui/material/Chip';
import { useLanguage } from '../../i18n/staff';

const COLOURS: Record<string, 'success' | 'warning' | 'error'> = {
  open: 'success',
  posted: 'success',
  active: 'success',
  settled: 'success',
  partly_settled: 'success',
  sound: 'success',
  frozen: 'warning',
  pending: 'warning',
  held: 'warning',
  running: 'warning',
  refused: 'error',
  rejected: 'error',
  faulty: 'error',
  disabled: 'error',
};

/** A status as a chip. */
export function StatusChip({ value }: { value: string }) {
  const { t } = useLanguage();
  return (
    <Chip
      size="small"
      variant="outlined"
      color={COLOURS[value] ?? 'default'}
      label={t.optional(`staff.state.${value}`, value)}
    />
  );
}
