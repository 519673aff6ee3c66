import { useTranslate } from 'react-admin';
import { formatElapsed } from '../../format/dates';
import { Card, DescriptionList } from '../record/Card';
import type { Reading } from './useEngineReadings';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes as people read them. */
export function formatBytes(count: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, count)) / 3)));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}

/** Where the journal and the stored state stand. */
export function EngineStatus({ now }: { now: Reading | undefined }) {
  const t = useTranslate();
  const count = (value: number | undefined) => value?.toLocaleString('en');
  return (
    <Card title={t('engine.standing')}>
      <DescriptionList
        rows={[
          [t('engine.active'), count(now?.active_accounts)],
          [t('engine.passivated'), count(now?.passivated_accounts)],
          [t('engine.in_flight'), count(now?.in_flight)],
          [t('staff.pending'), count(now?.pending)],
          [t('engine.durable'), count(now?.durable)],
          [
            t('engine.checkpoint'),
            now && t('engine.behind', { count: now.checkpoint_age_records.toLocaleString('en') }),
          ],
          [
            t('engine.checkpoint_age'),
            now?.checkpoint_age_s === undefined ? undefined : formatElapsed(now.checkpoint_age_s),
          ],
          [t('engine.segments'), count(now?.segments)],
          [t('engine.journal'), now && formatBytes(now.journal_bytes)],
          [t('engine.state'), now && formatBytes(now.state_bytes)],
          [t('engine.disk'), now?.disk_bytes === undefined ? undefined : formatBytes(now.disk_bytes)],
          [t('engine.uptime'), now && formatElapsed(now.uptime_s)],
        ]}
      />
    </Card>
  );
}
