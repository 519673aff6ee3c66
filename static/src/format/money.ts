/**
 * Money as text. Amounts are integers in minor units. Nothing here computes with fractions, so no amount is ever
 * rounded. `scale` is the number of decimal places, 0 to 18.
 */
import type { Language } from '../i18n/language';

/** The largest amount of the bank: 2^53 − 1 minor units. */
export const MAX_AMOUNT = Number.MAX_SAFE_INTEGER;

/** Groups digits in threes. They stay text, because a typed amount can be longer than a number can hold. */
export const groupThousands = (digits: string) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** Formats `1234567` with scale 2 as `12,345.67`. The minus is the typographic one. */
export function formatAmount(minor: number, scale: number): string {
  const padded = String(Math.abs(minor)).padStart(scale + 1, '0');
  const whole = groupThousands(padded.slice(0, padded.length - scale));
  const sign = minor < 0 ? '−' : '';
  return scale === 0 ? sign + whole : `${sign}${whole}.${padded.slice(-scale)}`;
}

const SIGNS: Record<string, string> = { USD: '$', EUR: '€', JPY: '¥', GBP: '£' };

/** Formats an amount with its currency: `12,000원`, `₩12,000`, `$12.50`, `KWD 1.250`. */
export function formatMoney(minor: number, currency: string, scale: number, language: Language): string {
  const text = formatAmount(Math.abs(minor), scale);
  const sign = minor < 0 ? '−' : '';
  if (currency === 'KRW') return language === 'ko' ? `${sign}${text}원` : `${sign}₩${text}`;
  const symbol = SIGNS[currency];
  return symbol ? sign + symbol + text : `${sign}${currency} ${text}`;
}

/** Formats an amount with its currency and a plus for incoming money. */
export const formatSignedMoney = (minor: number, currency: string, scale: number, language: Language) =>
  (minor > 0 ? '+' : '') + formatMoney(minor, currency, scale, language);

const UNITS: [bigint, string][] = [
  [1_0000_0000_0000n, '조'],
  [1_0000_0000n, '억'],
  [1_0000n, '만'],
  [1n, ''],
];

/** Formats won in Korean units: `12345678` is `1,234만 5,678원`. Empty below ten thousand. */
export function formatWonInHangul(won: number): string {
  if (won < 10_000) return '';
  let left = BigInt(won);
  const parts: string[] = [];
  for (const [unit, name] of UNITS) {
    const count = left / unit;
    left %= unit;
    if (count > 0n) parts.push(groupThousands(String(count)) + name);
  }
  return `${parts.join(' ')}원`;
}
