import Box from '@mui/material/Box';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import { useMemo, useState } from 'react';
import { useLanguage } from '../../i18n/staff';
import { PageHeader } from '../layout/PageHeader';
import { Card } from '../record/Card';
import { ChainCheck } from './ChainCheck';
import { Chart } from './Chart';
import { CHARTS } from './charts';
import { EngineStatus } from './EngineStatus';
import { HottestAccounts } from './HottestAccounts';
import { PendingQueue } from './PendingQueue';
import { useEngineReadings } from './useEngineReadings';

/** The page of the engine's figures. */
export default function EnginePage() {
  const { t } = useLanguage();
  const [minutes, setMinutes] = useState<1 | 60>(1);
  const { readings, connected } = useEngineReadings();
  const now = readings.at(-1);
  const shown = useMemo(() => readings.slice(-minutes * 60), [readings, minutes]);
  return (
    <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <PageHeader
        title={t('staff.engine')}
        note={<ConnectionStatus connected={connected} />}
        aside={
          <ToggleButtonGroup
            size="small"
            exclusive
            sx={{ '& .MuiToggleButton-root': { color: 'text.primary' } }}
            aria-label={t('engine.span')}
            value={minutes}
            onChange={(_, next: 1 | 60 | null) => next && setMinutes(next)}
          >
            <ToggleButton value={1}>{t('engine.minute')}</ToggleButton>
            <ToggleButton value={60}>{t('engine.hour')}</ToggleButton>
          </ToggleButtonGroup>
        }
      />
      <EngineStatus now={now} />
      <Box
        sx={{
          display: 'grid',
          gap: 2.5,
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' },
        }}
      >
        {CHARTS.map(chart => (
          <Chart key={chart.name} {...chart} readings={shown} />
        ))}
      </Box>
      <Card title={t('staff.pending')} flush>
        <PendingQueue />
      </Card>
      <Box
        sx={{
          display: 'grid',
          gap: 2.5,
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' },
          alignItems: 'start',
        }}
      >
        <HottestAccounts hottest={now?.hottest} />
        <ChainCheck />
      </Box>
    </Box>
  );
}

function ConnectionStatus({ connected }: { connected: boolean }) {
  const { t } = useLanguage();
  return (
    <Typography
      role="status"
      component="span"
      variant="body2"
      sx={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 0.75,
        color: connected ? 'success.main' : 'warning.main',
      }}
    >
      <Box component="span" aria-hidden sx={{ width: 8, height: 8, borderRadius: '50%', bgcolor: 'currentColor' }} />
      {t(connected ? 'engine.live' : 'engine.off')}
    </Typography>
  );
}
