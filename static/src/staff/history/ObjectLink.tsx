import { formatAccountNumber } from '../../format/accountNumber';
import { useLanguage } from '../../i18n/staff';
import { InlineLink } from '../fields/InlineLink';
import type { Change } from './differences';

const PAGES: Record<string, string> = {
  account: 'accounts',
  account_type: 'account-types',
  member: 'members',
  transfer: 'transfers',
};

/** Ids start with the time, so their ends tell them apart. */
const short = (id: string) => (id.length > 24 ? `…${id.slice(-12)}` : id);

/** The object of a change, linked to its page if it has one. */
export function ObjectLink({ change: { object, object_id: id } }: { change: Change }) {
  const { t } = useLanguage();
  // Reading or searching a list concerns many objects.
  if (id === 'list' || id === 'search') return <>{t.optional(`audit.object.${object}`, id)}</>;
  const page = PAGES[object];
  const text = short(object === 'account' ? formatAccountNumber(id) : id);
  return page ? <InlineLink to={`/${page}/${encodeURIComponent(id)}/show`}>{text}</InlineLink> : text;
}
