/** Error responses and refusals in the reader's language. */
import { toApiError } from '../api/apiError';
import type { Refusal } from '../api/types';
import { formatAccountNumber } from '../format/accountNumber';
import { formatMoney } from '../format/money';
import { useLanguage } from './shared';
import type { SharedKey, Translate } from './translate';

export interface InCurrency {
  currency: string;
  scale: number;
}

/** Returns the text for an error, or the service's own text for an unknown code. */
export function errorText(t: Translate<SharedKey>, error: unknown): string {
  const failure = toApiError(error);
  const field = failure.fields[0];
  const general = t.optional(`error.${failure.code}`, failure.message || failure.code);
  return field ? fieldText(t, field, general) : general;
}

/** Returns the text for an error at a field. */
export const fieldText = (
  t: Translate<SharedKey>,
  { field, code, detail }: { field: string; code: string; detail: string },
  otherwise = detail,
) => t.optional(`error.${field}.${code}`, t.optional(`error.${code}`, otherwise));

const AMOUNTS = new Set([
  'needed',
  'available',
  'limit',
  'used',
  'requested',
  'posted',
  'remaining',
  'left',
  'fee',
  'most_fee',
]);

/** Returns the text for a refusal, with its figures as money. */
export function useRefusalText() {
  const { t, language } = useLanguage();
  return (refusal: Pick<Refusal, 'code' | 'detail'> & { figures?: object }, of: InCurrency): string => {
    const figures = (refusal.figures ?? {}) as Record<string, unknown>;
    return t.optional(`refusal.${refusal.code}`, refusal.detail).replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = figures[name];
      if (typeof value === 'number' && AMOUNTS.has(name)) return formatMoney(value, of.currency, of.scale, language);
      return name === 'number' ? formatAccountNumber(String(value ?? '')) : String(value ?? '');
    });
  };
}
