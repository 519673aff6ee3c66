import { useRecordContext } from 'react-admin';
import { StatusChip } from './StatusChip';
import { valueAt } from './valueAt';

export function StatusField({ source }: { source: string }) {
  const value = valueAt(useRecordContext(), source);
  return value ? <StatusChip value={String(value)} /> : null;
}
