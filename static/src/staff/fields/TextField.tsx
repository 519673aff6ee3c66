import { useRecordContext } from 'react-admin';
import { RecordName } from './RecordName';
import { valueAt } from './valueAt';

/** A text of any length. */
export function TextField({ source }: { source: string }) {
  const value = valueAt(useRecordContext(), source);
  return value ? <RecordName>{String(value)}</RecordName> : <>–</>;
}
