import Box from '@mui/material/Box';
import { formatDateTime, formatExactTime } from '../../format/dates';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';
import { useTimeZone } from '../hooks/useBankMeta';

/** A moment in the bank's time zone. */
export function DateTime({ at, seconds = false }: { at: string | null | undefined; seconds?: boolean }) {
  const zone = useTimeZone();
  const { language } = useLanguage();
  return (
    <Box component="span" sx={{ ...tabularNumbers, whiteSpace: 'nowrap' }}>
      {at ? (seconds ? formatExactTime : formatDateTime)(at, zone, language) : '–'}
    </Box>
  );
}
