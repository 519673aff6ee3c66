import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { usePermissions, useTranslate, Title } from 'react-admin';
import { Changes } from './History';
import { Pending } from './engine/Pending';

/** Where staff begins: what waits, and what was done last. */
export function Home() {
  const t = useTranslate();
  const { permissions } = usePermissions<string>();
  return (
    <Box sx={{ display: 'grid', gap: 3, mt: 1 }}>
      <Title title={t('staff.title')} />
      <Paper variant="outlined" component="section" sx={{ p: 3 }}>
        <Typography variant="h2" gutterBottom>{t('staff.pending')}</Typography>
        <Pending />
      </Paper>
      {permissions && permissions !== 'teller' && (
        <Paper variant="outlined" component="section" sx={{ p: 3 }}>
          <Typography variant="h2" gutterBottom>{t('staff.recent')}</Typography>
          <Changes query={{}} />
        </Paper>
      )}
    </Box>
  );
}
