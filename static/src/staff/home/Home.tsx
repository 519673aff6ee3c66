import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useTranslate } from 'react-admin';
import { Link } from 'react-router-dom';
import { Pending } from '../engine/Pending';
import { Changes } from '../history/Changes';
import { PageHead } from '../PageHead';
import { Card } from '../show/Card';
import { useMay } from '../useMay';
import { Counts } from './Counts';

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
