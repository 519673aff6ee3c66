/**
 * Money as text and text as money. Amounts are integers in minor units; nothing here computes with fractions, so that no
 * amount is ever rounded. `scale` is the number of digits after the point, 0 to 18.
 */

/** The largest amount that the bank keeps: 2^53 − 1 minor units. */
export const MOST = Number.MAX_SAFE_INTEGER;

export type Language = 'ko' | 'en';

const grouped = (digits: string) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** `1234567` with scale 2 is `12,345.67`. A minus is the typographic one. */
export function digits(minor: number, scale: number): string {
  const padded = String(Math.abs(minor)).padStart(scale + 1, '0');
  const whole = grouped(padded.slice(0, padded.length - scale));
  const sign = minor < 0 ? '−' : '';
  return scale === 0 ? sign + whole : `${sign}${whole}.${padded.slice(-scale)}`;
}

const SIGNS: Record<string, string> = { USD: '$', EUR: '€', JPY: '¥', GBP: '£' };

/** An amount with its currency, as the language writes it: `12,000원`, `₩12,000`, `$12.50`, `KWD 1.250`. */
export function money(minor: number, currency: string, scale: number, language: Language): string {
  const text = digits(Math.abs(minor), scale);
  const sign = minor < 0 ? '−' : '';
  if (currency === 'KRW') return language === 'ko' ? `${sign}${text}원` : `${sign}₩${text}`;
  const symbol = SIGNS[currency];
  return symbol ? sign + symbol + text : `${sign}${currency} ${text}`;
}

/** The same with a plus before what came in. */
export const change = (minor: number, currency: string, scale: number, language: Language) =>
  (minor > 0 ? '+' : '') + money(minor, currency, scale, language);

export type Read = { minor: number; error: null } | { minor: null; error: 'empty' | 'invalid' | 'too_precise' | 'too_large' };

/** Reads what was typed. Full-width digits and grouping commas are taken; a minus is not. */
export function parse(text: string, scale: number): Read {
  const plain = text.normalize('NFKC').replace(/[\s,_'원₩$€£¥]/g, '');
  if (plain === '' || plain === '.') return { minor: null, error: 'empty' };
  const match = /^(\d*)(?:\.(\d*))?$/.exec(plain);
  if (!match) return { minor: null, error: 'invalid' };
  const whole = match[1] ?? '';
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > scale) return { minor: null, error: 'too_precise' };
  const all = BigInt((whole || '0') + fraction.padEnd(scale, '0'));
  return all > BigInt(MOST) ? { minor: null, error: 'too_large' } : { minor: Number(all), error: null };
}

/**
 * What the field shows while it is typed in: separators are put where they belong, the point stays where it is, and what
 * cannot be an amount is dropped.
 */
export function typed(text: string, scale: number): string {
  const plain = text.normalize('NFKC').replace(/[^\d.]/g, '');
  const [whole = '', ...rest] = plain.split('.');
  const head = grouped(whole.replace(/^0+(?=\d)/, '').slice(0, 16));
  if (scale === 0 || rest.length === 0) return head;
  return `${head || '0'}.${rest.join('').slice(0, scale)}`;
}

/** An amount as it is put into a field: grouped, without needless zeros. */
export function field(minor: number, scale: number): string {
  const text = digits(minor, scale);
  return scale > 0 ? text.replace(/\.0+$/, '') : text;
}

const UNITS: [bigint, string][] = [[1_0000_0000_0000n, '조'], [1_0000_0000n, '억'], [1_0000n, '만'], [1n, '']];

/** How Koreans read a sum of won: `1,234,5678` is `1,234만 5,678원`. Empty below ten thousand, where figures do. */
export function inHangul(won: number): string {
  if (won < 10_000) return '';
  let left = BigInt(won);
  const parts: string[] = [];
  for (const [unit, name] of UNITS) {
    const count = left / unit;
    left %= unit;
    if (count > 0n) parts.push(grouped(String(count)) + name);
  }
  return `${parts.join(' ')}원`;
}
