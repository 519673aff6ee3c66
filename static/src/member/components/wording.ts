/** What the service says, in the reader's words. */

import type { InCurrency } from '../../i18n/errors';
import { useLanguage } from '../../i18n/member';

/** The currency of a transfer, which one's own always have. */
export const currencyOf = ({ currency, scale }: { currency?: string | null; scale?: number | null }): InCurrency => ({
  currency: currency ?? '',
  scale: scale ?? 0,
});

/** The names that a new bank gives its account types; a name that the bank has chosen itself stays. */
const FIRST_NAMES: Record<string, string> = {
  basic: 'Basic',
  ordinary: 'Ordinary',
  salary: 'Salary',
  savings: 'Savings',
};

/** What a kind of account is called. */
export function useAccountTypeName() {
  const { t } = useLanguage();
  return ({ code, name }: { code: string; name: string }) =>
    FIRST_NAMES[code] === name ? t.optional(`type.${code}`, name) : name;
}
