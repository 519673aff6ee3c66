import type { Scope, TokenRequest } from '../../api/types';
import { normalizeAccountNumber } from '../../format/accountNumber';
import { parseAmount } from '../../format/amountInput';

/** What a token is bound to, as it is typed. */
export interface Bounds {
  accounts: string[];
  payees: string;
  addresses: string;
  perDay: string;
}

export const NO_BOUNDS: Bounds = { accounts: [], payees: '', addresses: '', perDay: '' };

/** The currency of a total per day. */
export interface CurrencyUnit {
  code: string;
  scale: number;
}

const PERSONAL: readonly Scope[] = ['read', 'transfer', 'batch', 'schedule', 'events'];

/** Which bounds go with all of the scopes: what moves others' money is bound to addresses alone. */
export function applicableBounds(scopes: readonly Scope[]): { own: boolean; perDay: boolean } {
  const own = scopes.every(scope => PERSONAL.includes(scope));
  return { own, perDay: own && !scopes.includes('schedule') };
}

const listed = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

/** The bounds as the service takes them; `null` while the total is no amount. */
export function parseBounds(
  bounds: Bounds,
  scopes: readonly Scope[],
  unit: CurrencyUnit | undefined,
): TokenRequest['bounds'] | null {
  const { own, perDay } = applicableBounds(scopes);
  const addresses = listed(bounds.addresses);
  if (!own) return { addresses };
  const found = { accounts: bounds.accounts, payees: listed(bounds.payees).map(normalizeAccountNumber), addresses };
  if (!perDay || !unit || bounds.perDay.trim() === '') return found;
  const { minor } = parseAmount(bounds.perDay, unit.scale, unit.code);
  return minor === null ? null : { ...found, per_day: [{ currency: unit.code, amount: minor }] };
}
