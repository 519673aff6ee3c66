/** What the service says, in the reader's words. */
import type { Refusal } from '../api/types';
import { money } from '../format/money';
import { shown } from '../format/number';
import { known, useLanguage } from '../i18n';

export interface InCurrency {
  currency: string;
  scale: number;
}

/** The currency of a transfer, which one's own always have. */
export const moneyOf = ({ currency, scale }: { currency?: string | null; scale?: number | null }): InCurrency =>
  ({ currency: currency ?? '', scale: scale ?? 0 });

const AMOUNTS = new Set(['needed', 'available', 'limit', 'used', 'requested', 'posted', 'remaining', 'left']);

/** Why the bank does not carry something out, with its figures as money. */
export function useRefusalText() {
  const { t, language } = useLanguage();
  return (refusal: Pick<Refusal, 'code' | 'detail'> & { figures?: object }, of: InCurrency): string => {
    const figures = (refusal.figures ?? {}) as Record<string, unknown>;
    return known(t, 'refusal', refusal.code, refusal.detail).replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = figures[name];
      if (typeof value === 'number' && AMOUNTS.has(name)) return money(value, of.currency, of.scale, language);
      return name === 'number' ? shown(String(value ?? '')) : String(value ?? '');
    });
  };
}

/** The names that a new bank gives its account types; a name that the bank has chosen itself stays. */
const FIRST_NAMES: Record<string, string> = { basic: 'Basic', ordinary: 'Ordinary', salary: 'Salary', savings: 'Savings' };

/** What a kind of account is called. */
export function useTypeName() {
  const { t } = useLanguage();
  return ({ code, name }: { code: string; name: string }) => (FIRST_NAMES[code] === name ? known(t, 'type', code, name) : name);
}
