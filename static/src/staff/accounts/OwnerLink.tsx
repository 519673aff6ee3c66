import { useRecordContext, useTranslate } from 'react-admin';
import type { AccountRecord } from '../api/records';
import { Name, To } from '../fields/fields';

/** Who owns the account of the row, as the way to them. */
export function Owner() {
  const t = useTranslate();
  const account = useRecordContext<AccountRecord>();
  if (!account) return null;
  const { owner, role } = account;
  if (role !== 'customer') return <>{t(`staff.bank_account.${role}`)}</>;
  return (
    <Name>
      <To to={`/members/${encodeURIComponent(owner.id)}/show`}>{owner.name || owner.username || owner.id}</To>
    </Name>
  );
}
