import { useRecordContext } from 'react-admin';
import type { TransferRecord } from '../api/records';
import { Moment, To } from '../fields/fields';

/** When it was, as the way to its page. */
export function MovementTitle({ resource }: { resource: 'transfers' | 'holds' }) {
  const movement = useRecordContext<TransferRecord>();
  return movement ? (
    <To to={`/${resource}/${encodeURIComponent(movement.id)}/show`}>
      <Moment at={movement.created_at} seconds />
    </To>
  ) : null;
}
