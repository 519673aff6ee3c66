import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useTranslate } from 'react-admin';
import { Link } from 'react-router-dom';
import { Pending } from '../engine/PendingQueue';
import { Changes } from '../history/ChangeList';
import { useMay } from '../hooks/useCan';
import { PageHead } from '../layout/PageHeader';
import { Card } from '../record/Card';
import { Counts } from './BankCounts';

/** Where staff begins: how the bank stands, what waits, and what was done last. */
export function Home() {
  const t = useTranslate();
  const may = useMay();
  return (
    <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <PageHead
        title={t('ra.page.dashboard')}
        aside={
          may('create', 'counter') && (
            <Button component={Link} to="/counter" variant="contained">
              {t('staff.counter')}
            </Button>
          )
        }
      />
      <Counts />
      <Card
        title={t('staff.pending')}
        flush
        aside={
          <Button size="small" component={Link} to="/engine">
            {t('staff.engine')}
          </Button>
        }
      >
        <Pending />
      </Card>
      {may('list', 'audit') && (
        <Card
          title={t('staff.recent')}
          aside={
            <Button size="small" component={Link} to="/audit">
              {t('resources.audit.name', { smart_count: 2 })}
            </Button>
          }
        >
          <Changes query={{}} named work />
        </Card>
      )}
    </Box>
  );
}
