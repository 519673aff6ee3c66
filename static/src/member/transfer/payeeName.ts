import type { Payee } from '../../api/types';
import type { MemberKey, Translate } from '../../i18n/translate';

/** Whose the account is. */
export function payeeName(t: Translate<MemberKey>, { name, own }: Payee): string {
  if (own) return name ? `${name} · ${t('transfer.own')}` : t('transfer.own');
  return name || t('transfer.nameless');
}
