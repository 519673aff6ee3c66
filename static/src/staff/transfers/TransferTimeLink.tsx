import { useRecordContext } from 'react-admin';
import type { TransferRecord } from '../api/records';
import { DateTime } from '../fields/DateTime';
import { InlineLink } from '../fields/InlineLink';

/** The time of a transfer, linked to its page. */
export function TransferTimeLink({ resource }: { resource: 'transfers' | 'holds' }) {
  const transfer = useRecordContext<TransferRecord>();
  return transfer ? (
    <InlineLink to={`/${resource}/${encodeURIComponent(transfer.id)}/show`}>
      <DateTime at={transfer.created_at} seconds />
    </InlineLink>
  ) : null;
}
