import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { Link } from 'react-router-dom';
import { useLanguage } from '../../i18n/staff';
import { PendingQueue } from '../engine/PendingQueue';
import { ChangeList } from '../history/ChangeList';
import { useCan } from '../hooks/useCan';
import { PageHeader } from '../layout/PageHeader';
import { Card } from '../record/Card';
import { BankCounts } from './BankCounts';

/** The staff's first page: counts, the pending queue and recent actions. */
export function DashboardPage() {
  const { t } = useLanguage();
  const can = useCan();
  return (
    <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <PageHeader
        title={t('ra.page.dashboard')}
        aside={
          can('create', 'counter') && (
            <Button component={Link} to="/counter" variant="contained">
              {t('staff.counter')}
            </Button>
          )
        }
      />
      <BankCounts />
      <Card
        title={t('staff.pending')}
        flush
        aside={
          <Button size="small" component={Link} to="/engine">
            {t('staff.engine')}
          </Button>
        }
      >
        <PendingQueue />
      </Card>
      {can('list', 'audit') && (
        <Card
          title={t('audit.recent')}
          aside={
            <Button size="small" component={Link} to="/audit">
              {t('resources.audit.name', { count: 2 })}
            </Button>
          }
        >
          <ChangeList query={{}} named work />
        </Card>
      )}
    </Box>
  );
}
