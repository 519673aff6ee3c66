import { useRecordContext } from 'react-admin';
import type { TransferRecord } from '../api/records';
import { DateTime } from '../fields/DateTime';
import { InlineLink } from '../fields/InlineLink';

/** The time of a transfer, linked to its page. */
export function MovementTitle({ resource }: { resource: 'transfers' | 'holds' }) {
  const movement = useRecordContext<TransferRecord>();
  return movement ? (
    <InlineLink to={`/${resource}/${encodeURIComponent(movement.id)}/show`}>
      <DateTime at={movement.created_at} seconds />
    </InlineLink>
  ) : null;
}
