import { useRecordContext } from 'react-admin';
import { DateTime } from './DateTime';
import { valueAt } from './valueAt';

export function DateTimeField({ source, seconds }: { source: string; seconds?: boolean }) {
  return <DateTime at={valueAt(useRecordContext(), source) as string | null} seconds={seconds} />;
}
