import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import { useTheme } from '@mui/material/styles';
import Typography from '@mui/material/Typography';
import { useEffect, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';
import { useTimeZone } from '../hooks/useBankMeta';
import { ChartTable } from './ChartTable';
import type { Reading } from './useEngineReadings';

/** The key of a chart's name. */
export type ChartName =
  | 'staff.pending'
  | `engine.${'throughput' | 'latency' | 'commitSize' | 'sync' | 'actors' | 'mailboxes' | 'inFlight'}`;

/** A line of a chart: the key of its name, or a name that is the same in every language. */
export type Line = [name: string, value: (reading: Reading) => number | null];

const HEIGHT = 168;
const DASHES = [[], [6, 4], [2, 3]];

/** Rounds a figure for display: no decimals from 100 on, two below. */
export const round = (value: number) => (Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100);

interface Props {
  name: ChartName;
  unit: string;
  lines: Line[];
  readings: Reading[];
}

/** A line chart with a summary in words and a table of its figures. */
export function Chart({ name, unit, lines, readings }: Props) {
  const { t } = useLanguage();
  const zone = useTimeZone();
  const { palette } = useTheme();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [open, setOpen] = useState(false);
  const colours = useMemo(() => [palette.primary.main, palette.error.main, palette.warning.main], [palette]);
  const data = useMemo(
    () =>
      [
        readings.map(reading => Date.parse(reading.time) / 1000),
        ...lines.map(([, value]) => readings.map(value)),
      ] as uPlot.AlignedData,
    [readings, lines],
  );
  const latest = useRef(data);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const axis = {
      stroke: palette.text.secondary,
      grid: { stroke: palette.divider, width: 1 },
      ticks: { show: false },
      font: '12px "Inter Variable", sans-serif',
    };
    const series = lines.map(([label], at) => ({
      label,
      stroke: colours[at],
      width: 2,
      dash: DASHES[at],
      points: { show: false },
    }));
    const plotted = new uPlot(
      {
        width: element.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        tzDate: at => uPlot.tzDate(new Date(at * 1000), zone),
        // Lines also differ by their dashes, for readers who cannot tell the colours apart.
        axes: [
          {
            ...axis,
            space: 80,
            size: 28,
            incrs: [1, 5, 10, 15, 30, 60, 300, 600, 900],
            values: [
              [60, '{HH}:{mm}', null, null, null, null, null, null, 1],
              [1, '{HH}:{mm}:{ss}', null, null, null, null, null, null, 1],
            ] as uPlot.Axis.Values,
          },
          {
            ...axis,
            size: 52,
            values: (_, ticks) => ticks.map(tick => (tick >= 10_000 ? `${tick / 1000}k` : String(tick))),
          },
        ],
        scales: { y: { range: (_, __, most) => [0, Math.max(1, (most ?? 0) * 1.1)] } },
        series: [{}, ...series],
      },
      latest.current,
      element,
    );
    plot.current = plotted;
    const resized = new ResizeObserver(() => plotted.setSize({ width: element.clientWidth, height: HEIGHT }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      plotted.destroy();
      plot.current = null;
    };
  }, [palette, colours, lines, zone]);
  useEffect(() => {
    latest.current = data;
    plot.current?.setData(data);
  }, [data]);
  const summaries = lines.map(([label, value]) => {
    const values = readings.map(value).filter(one => one !== null);
    const now = readings.length ? value(readings.at(-1) as Reading) : null;
    return {
      label,
      text: t('engine.summary', {
        name: t.optional(label, label),
        now: now === null ? '–' : round(now),
        most: values.length ? round(Math.max(...values)) : '–',
      }),
    };
  });
  return (
    <Paper variant="outlined" component="figure" sx={{ p: 2, m: 0, minWidth: 0 }}>
      <Typography variant="h3" component="figcaption">
        {t(name)}{' '}
        {unit && (
          <Box component="span" sx={{ color: 'text.secondary', fontWeight: 400 }}>
            {unit}
          </Box>
        )}
      </Typography>
      <Box
        component="ul"
        sx={{ minHeight: 42, display: 'flex', flexWrap: 'wrap', columnGap: 2, listStyle: 'none', p: 0, m: 0, mb: 0.5 }}
      >
        {summaries.map(({ label, text }, at) => (
          <Box
            component="li"
            key={label}
            sx={{
              ...tabularNumbers,
              fontSize: '0.8125rem',
              color: 'text.secondary',
              display: 'flex',
              alignItems: 'center',
              gap: 0.75,
            }}
          >
            <svg width="18" height="4" aria-hidden>
              <line
                x1="0"
                y1="2"
                x2="18"
                y2="2"
                stroke={colours[at]}
                strokeWidth="2.5"
                strokeDasharray={DASHES[at]?.join(' ')}
              />
            </svg>
            {text}
          </Box>
        ))}
      </Box>
      <Box ref={place} aria-hidden sx={{ height: HEIGHT, overflow: 'hidden' }} />
      <Box
        component="details"
        onToggle={event => setOpen((event.currentTarget as HTMLDetailsElement).open)}
        sx={{
          fontSize: '0.8125rem',
          '& summary': { cursor: 'pointer', color: 'text.secondary', py: 0.5, borderRadius: 1 },
        }}
      >
        <summary>{t('engine.table')}</summary>
        {open && <ChartTable name={t(name)} lines={lines} readings={readings} />}
      </Box>
    </Paper>
  );
}
