import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import { useTheme } from '@mui/material/styles';
import { useEffect, useRef } from 'react';
import { useTranslate } from 'react-admin';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { figures } from '../../theme';
import type { Reading } from './readings';

export type Line = [name: string, value: (reading: Reading) => number];

const HEIGHT = 180;
const DASHES = [[], [6, 4], [2, 3]];
const round = (value: number) => (value >= 100 ? Math.round(value) : Math.round(value * 100) / 100).toLocaleString('en');

/** Lines over time, with a summary in words and a table of the figures behind it. */
export function Chart({ name, unit, lines, readings }: { name: string; unit: string; lines: Line[]; readings: Reading[] }) {
  const t = useTranslate();
  const { palette } = useTheme();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const colours = [palette.primary.main, palette.error.main, palette.warning.main];
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const axis = { stroke: palette.text.secondary, grid: { stroke: palette.divider, width: 1 }, ticks: { show: false }, font: '12px "Inter Variable", sans-serif' };
    const made = new uPlot({
      width: element.clientWidth, height: HEIGHT, legend: { show: false }, cursor: { drag: { x: false, y: false } }, axes: [axis, { ...axis, size: 56 }], scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
      // Lines differ by their dashes too: colours alone are not for everyone.
      series: [{}, ...lines.map(([label], at) => ({ label, stroke: colours[at], width: 2, dash: DASHES[at], points: { show: false } }))],
    }, [[], ...lines.map(() => [])], element);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      made.destroy();
    };
    // Made anew for another theme only; data comes below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [palette.mode]);
  const times = readings.map(reading => Date.parse(reading.time) / 1000);
  useEffect(() => plot.current?.setData([times, ...lines.map(([, value]) => readings.map(value))]));
  const said = lines.map(([label, value]) => t('engine.summary', { name: t(label, { _: label }), now: round(value(readings.at(-1) ?? EMPTY)), most: round(Math.max(0, ...readings.map(value))) }));
  return (
    <Paper variant="outlined" component="figure" sx={{ p: 2.5, m: 0, minWidth: 0 }}>
      <Typography variant="h3" component="figcaption">{t(name)} {unit && <Box component="span" sx={{ color: 'text.secondary', fontWeight: 400 }}>{unit}</Box>}</Typography>
      <Box sx={{ minHeight: 44, display: 'flex', flexWrap: 'wrap', columnGap: 2 }}>{said.map((text, at) => <Typography key={text} variant="caption" sx={{ ...figures, color: 'text.secondary', borderLeft: 3, borderColor: colours[at], pl: 1 }}>{text}</Typography>)}</Box>
      <Box ref={place} aria-hidden sx={{ height: HEIGHT }} />
      <Box component="details" sx={{ mt: 1, fontSize: '0.8125rem', ...figures }}>
        <summary>{t('engine.table')}</summary>
        <Box sx={{ maxHeight: 200, overflow: 'auto' }} tabIndex={0} role="region" aria-label={t(name)}>
          <table><thead><tr><th scope="col">{t('engine.time')}</th>{lines.map(([label]) => <th key={label} scope="col">{t(label, { _: label })}</th>)}</tr></thead>
            <tbody>{readings.slice(-60).reverse().map(reading => <tr key={reading.time}><td>{reading.time.slice(11, 19)}</td>{lines.map(([label, value]) => <td key={label}>{round(value(reading))}</td>)}</tr>)}</tbody></table>
        </Box>
      </Box>
    </Paper>
  );
}

const EMPTY: Reading = {
  time: '', durable: 0, checkpoint_age_records: 0, journal_bytes: 0, segments: 0, commit_records_mean: 0, sync_us_mean: 0, active_accounts: 0, in_flight: 0, pending: 0,
  throughput: { posted_per_s: 0, refused_per_s: 0, held_per_s: 0 }, latency_ms: { p50: 0, p95: 0, p99: 0 }, mailboxes: { depth_max: 0, depth_total: 0 }, hottest: [], uptime_s: 0,
};
