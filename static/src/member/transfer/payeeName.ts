import type { Payee } from '../../api/types';
import type { MemberKey, Translate } from '../../i18n/translate';

/** Returns the name of the account's owner. */
export function payeeName(t: Translate<MemberKey>, { name, own }: Payee): string {
  if (own) return name ? `${name} · ${t('transfer.own')}` : t('transfer.own');
  return name || t('transfer.nameless');
}
