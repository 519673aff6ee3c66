import { formatElapsed } from '../../format/dates';
import { formatBytes, formatNumber } from '../../format/numbers';
import { useLanguage } from '../../i18n/staff';
import { Card } from '../record/Card';
import { DescriptionList } from '../record/DescriptionList';
import type { Reading } from './useEngineReadings';

/** The state of the journal, the checkpoint and the disk. */
export function EngineStatus({ now }: { now: Reading | undefined }) {
  const { t, language } = useLanguage();
  const count = (value: number | undefined) => (value === undefined ? undefined : formatNumber(value, language));
  return (
    <Card title={t('engine.standing')}>
      <DescriptionList
        rows={[
          [t('engine.active'), count(now?.active_accounts)],
          [t('engine.passivated'), count(now?.passivated_accounts)],
          [t('engine.inFlight'), count(now?.in_flight)],
          [t('staff.pending'), count(now?.pending)],
          [t('engine.durable'), count(now?.durable)],
          [t('engine.checkpoint'), now && t('engine.behind', { count: now.checkpoint_age_records })],
          [
            t('engine.checkpointAge'),
            now?.checkpoint_age_s === undefined ? undefined : formatElapsed(now.checkpoint_age_s),
          ],
          [t('engine.segments'), count(now?.segments)],
          [t('engine.journal'), now && formatBytes(now.journal_bytes, language)],
          [t('engine.state'), now && formatBytes(now.state_bytes, language)],
          [t('engine.disk'), now?.disk_bytes === undefined ? undefined : formatBytes(now.disk_bytes, language)],
          [t('engine.uptime'), now && formatElapsed(now.uptime_s)],
        ]}
      />
    </Card>
  );
}
