import Box from '@mui/material/Box';
import { formatExactTime } from '../../format/dates';
import { formatNumber } from '../../format/numbers';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';
import { useTimeZone } from '../hooks/useBankMeta';
import { type Line, round } from './Chart';
import type { Reading } from './useEngineReadings';

const ROWS = 60;

/** The figures of a chart, newest first: at most `ROWS` of them, evenly spaced. */
export function ChartTable({ name, lines, readings }: { name: string; lines: Line[]; readings: Reading[] }) {
  const { t, language } = useLanguage();
  const zone = useTimeZone();
  const step = Math.max(1, Math.ceil(readings.length / ROWS));
  const rows = [...readings].reverse().filter((_, at) => at % step === 0);
  return (
    <Box
      tabIndex={0}
      role="region"
      aria-label={name}
      sx={{
        maxHeight: 240,
        overflow: 'auto',
        ...tabularNumbers,
        '& table': { width: '100%', borderCollapse: 'collapse' },
        '& th, & td': { textAlign: 'right', py: 0.25, pl: 1.5, fontWeight: 400, borderTop: 1, borderColor: 'divider' },
        '& th:first-of-type': { textAlign: 'left', pl: 0 },
      }}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{t('engine.time')}</th>
            {lines.map(([label]) => (
              <th key={label} scope="col">
                {t.optional(label, label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(reading => (
            <tr key={reading.time}>
              <th scope="row">{formatExactTime(reading.time, zone, language)}</th>
              {lines.map(([label, value]) => {
                const one = value(reading);
                return <td key={label}>{one === null ? '–' : formatNumber(round(one), language)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Box>
  );
}
