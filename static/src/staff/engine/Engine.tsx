import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Table from '@mui/material/Table';
import TableBody from '@mui/material/TableBody';
import TableCell from '@mui/material/TableCell';
import TableRow from '@mui/material/TableRow';
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import Typography from '@mui/material/Typography';
import { useState } from 'react';
import { Title, useTranslate } from 'react-admin';
import { elapsed } from '../../format/dates';
import { figures } from '../../theme';
import { Chart, type Line } from './Chart';
import { Pending } from './Pending';
import { type Reading, useReadings } from './readings';

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

const CHARTS: { name: string; unit: string; lines: Line[] }[] = [
  { name: 'engine.throughput', unit: '/s', lines: [['engine.posted', r => r.throughput.posted_per_s], ['engine.refused', r => r.throughput.refused_per_s], ['engine.held', r => r.throughput.held_per_s]] },
  { name: 'engine.latency', unit: 'ms', lines: [['p50', r => r.latency_ms.p50], ['p95', r => r.latency_ms.p95], ['p99', r => r.latency_ms.p99]] },
  { name: 'engine.commits', unit: '', lines: [['engine.records', r => r.commit_records_mean], ['engine.sync', r => r.sync_us_mean / 1000]] },
  { name: 'engine.mailboxes', unit: '', lines: [['engine.deepest', r => r.mailboxes.depth_max], ['engine.all', r => r.mailboxes.depth_total], ['engine.in_flight', r => r.in_flight]] },
];

/** A window into the actors. */
export default function Engine() {
  const t = useTranslate();
  const [minutes, setMinutes] = useState<1 | 60>(1);
  const { readings, connected } = useReadings();
  const now = readings.at(-1);
  const shown = readings.slice(-minutes * 60);
  return (
    <Box sx={{ display: 'grid', gap: 2.5, mt: 1 }}>
      <Title title={t('staff.engine')} />
      <Box sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center' }}>
        <Typography role="status" variant="body2" color={connected ? 'success' : 'warning'}>● {t(connected ? 'engine.live' : 'engine.off')}</Typography>
        <ToggleButtonGroup size="small" exclusive value={minutes} onChange={(_, next: 1 | 60 | null) => next && setMinutes(next)}><ToggleButton value={1}>{t('engine.minute')}</ToggleButton><ToggleButton value={60}>{t('engine.hour')}</ToggleButton></ToggleButtonGroup>
      </Box>
      <Facts now={now} />
      <Box sx={{ display: 'grid', gap: 2.5, gridTemplateColumns: { lg: '1fr 1fr' } }}>
        {CHARTS.map(chart => <Chart key={chart.name} {...chart} readings={shown} />)}
      </Box>
      <Paper variant="outlined" component="section" sx={{ p: 2.5 }}><Typography variant="h2" gutterBottom>{t('staff.pending')}</Typography><Pending /></Paper>
      <Paper variant="outlined" component="section" sx={{ p: 2.5 }}>
        <Typography variant="h2" gutterBottom>{t('engine.hottest')}</Typography>
        <Table size="small"><TableBody>{now?.hottest.map(one => <TableRow key={one.number}><TableCell sx={figures}>{one.number}</TableCell><TableCell align="right" sx={figures}>{one.per_s} {t('engine.per_s')}</TableCell></TableRow>)}</TableBody></Table>
      </Paper>
    </Box>
  );
}

function Facts({ now }: { now: Reading | undefined }) {
  const t = useTranslate();
  const facts: [string, string | number | undefined][] = [
    ['engine.actors', now?.active_accounts], ['engine.in_flight', now?.in_flight], ['engine.pending', now?.pending], ['engine.durable', now?.durable],
    ['engine.checkpoint', now && t('engine.behind', { count: now.checkpoint_age_records })], ['engine.segments', now?.segments], ['engine.disk', now && megabytes(now.journal_bytes)], ['engine.uptime', now && elapsed(now.uptime_s)],
  ];
  return (
    <Paper variant="outlined" component="dl" sx={{ p: 2.5, m: 0, display: 'grid', gap: 2, gridTemplateColumns: 'repeat(auto-fit, minmax(130px, 1fr))' }}>
      {facts.map(([name, value]) => <Box key={name}><Typography component="dt" variant="caption" color="textSecondary">{t(name)}</Typography><Box component="dd" sx={{ m: 0, fontWeight: 620, minHeight: 24, ...figures }}>{typeof value === 'number' ? value.toLocaleString('en') : value ?? '–'}</Box></Box>)}
    </Paper>
  );
}

