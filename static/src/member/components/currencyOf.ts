import type { InCurrency } from '../../i18n/errors';

/** Returns the currency of a transfer. A member's own transfers always have one. */
export const currencyOf = ({ currency, scale }: { currency?: string | null; scale?: number | null }): InCurrency => ({
  currency: currency ?? '',
  scale: scale ?? 0,
});
