import { formatAccountNumber } from '../../format/accountNumber';
import { useLanguage } from '../../i18n/staff';
import { InlineLink } from '../fields/fields';
import type { Change } from './differences';

const PAGES: Record<string, string> = {
  account: 'accounts',
  account_type: 'account-types',
  member: 'members',
  transfer: 'transfers',
};

/** Ids are long, and begin with the time: their end tells them apart. */
const short = (id: string) => (id.length > 24 ? `…${id.slice(-12)}` : id);

/** What something was done to, as the way to its page where it has one. */
export function ObjectLink({ change: { object, object_id: id } }: { change: Change }) {
  const { t } = useLanguage();
  // Who reads a list or searches in it looks at many.
  if (id === 'list' || id === 'search') return <>{t.optional(`audit.object.${object}`, id)}</>;
  const page = PAGES[object];
  const text = short(object === 'account' ? formatAccountNumber(id) : id);
  return page ? <InlineLink to={`/${page}/${encodeURIComponent(id)}/show`}>{text}</InlineLink> : text;
}
