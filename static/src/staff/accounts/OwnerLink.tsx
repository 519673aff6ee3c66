import { useRecordContext } from 'react-admin';
import { useLanguage } from '../../i18n/staff';
import type { AccountRecord } from '../api/records';
import { InlineLink } from '../fields/InlineLink';
import { RecordName } from '../fields/RecordName';

/** A link to the owner of the row's account. */
export function OwnerLink() {
  const { t } = useLanguage();
  const account = useRecordContext<AccountRecord>();
  if (!account) return null;
  const { owner, role } = account;
  if (role !== 'customer') return <>{t.optional(`staff.bankAccount.${role}`, role)}</>;
  return (
    <RecordName>
      <InlineLink to={`/members/${encodeURIComponent(owner.id)}/show`}>
        {owner.name || owner.username || owner.id}
      </InlineLink>
    </RecordName>
  );
}
