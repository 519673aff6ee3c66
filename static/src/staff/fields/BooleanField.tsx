import Box from '@mui/material/Box';
import { useRecordContext } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import { valueAt } from './valueAt';

export function BooleanField({ source }: { source: string }) {
  const { t } = useLanguage();
  return (
    <Box component="span" sx={{ color: valueAt(useRecordContext(), source) ? 'text.primary' : 'text.secondary' }}>
      {t(valueAt(useRecordContext(), source) ? 'ra.boolean.true' : 'ra.boolean.false')}
    </Box>
  );
}
