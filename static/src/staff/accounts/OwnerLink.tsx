import { useRecordContext, useTranslate } from 'react-admin';
import type { AccountRecord } from '../api/records';
import { InlineLink, RecordName } from '../fields/fields';

/** Who owns the account of the row, as the way to them. */
export function OwnerLink() {
  const t = useTranslate();
  const account = useRecordContext<AccountRecord>();
  if (!account) return null;
  const { owner, role } = account;
  if (role !== 'customer') return <>{t(`staff.bank_account.${role}`)}</>;
  return (
    <RecordName>
      <InlineLink to={`/members/${encodeURIComponent(owner.id)}/show`}>
        {owner.name || owner.username || owner.id}
      </InlineLink>
    </RecordName>
  );
}
