import type { Entry } from '../../api/types';
import { formatAccountNumber } from '../../format/accountNumber';
import { useLanguage } from '../../i18n/member';

/** Returns the title of an entry: its label, else the other side's name, else its kind. */
export function useEntryText() {
  const { t } = useLanguage();
  return (entry: Entry) => {
    const kind = t.optional(`kind.${entry.kind}`, entry.kind.replaceAll('_', ' '));
    const name = entry.counterparty_name || (entry.counterparty && formatAccountNumber(entry.counterparty));
    const title = entry.label || name || kind;
    const rest = [title === kind ? null : kind, title === name ? null : name].filter(Boolean);
    return { kind, title, rest: rest.join(' · ') };
  };
}
