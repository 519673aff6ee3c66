import type { InCurrency } from '../../i18n/errors';

/** The currency of a transfer, which one's own always have. */
export const currencyOf = ({ currency, scale }: { currency?: string | null; scale?: number | null }): InCurrency => ({
  currency: currency ?? '',
  scale: scale ?? 0,
});
