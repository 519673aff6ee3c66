import type { Scope, TokenRequest } from '../../api/types';
import { normalizeAccountNumber } from '../../format/accountNumber';
import { parseAmount } from '../../format/amountInput';

/** The bounds of a token, as typed. */
export interface Bounds {
  accounts: string[];
  payees: string;
  addresses: string;
  perDay: string;
}

export const NO_BOUNDS: Bounds = { accounts: [], payees: '', addresses: '', perDay: '' };

/** The currency of the amount per day. */
export interface CurrencyUnit {
  code: string;
  scale: number;
}

const PERSONAL: readonly Scope[] = ['read', 'transfer', 'batch', 'schedule', 'events'];

/** Returns which bounds the scopes allow. A token that moves others' money can only be bound to addresses. */
export function applicableBounds(scopes: readonly Scope[]): { own: boolean; perDay: boolean } {
  const own = scopes.every(scope => PERSONAL.includes(scope));
  return { own, perDay: own && !scopes.includes('schedule') };
}

const listed = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

/** Returns the bounds for the service, or `null` while the amount per day is invalid. */
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
