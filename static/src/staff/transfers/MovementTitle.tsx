import { useRecordContext } from 'react-admin';
import type { TransferRecord } from '../api/records';
import { DateTime, InlineLink } from '../fields/fields';

/** When it was, as the way to its page. */
export function MovementTitle({ resource }: { resource: 'transfers' | 'holds' }) {
  const movement = useRecordContext<TransferRecord>();
  return movement ? (
    <InlineLink to={`/${resource}/${encodeURIComponent(movement.id)}/show`}>
      <DateTime at={movement.created_at} seconds />
    </InlineLink>
  ) : null;
}
