/**
 * Amounts that people type. A text is read as a whole or not at all: a field that dropped what it does not understand
 * would turn `10만` into 10 won.
 */
import { formatAmount, groupThousands, MAX_AMOUNT } from './money';

type Problem = 'empty' | 'invalid' | 'too_precise' | 'too_large';
export type ParsedAmount = { minor: number; error: null } | { minor: null; error: Problem };

const not = (error: Problem): ParsedAmount => ({ minor: null, error });

/** Names that may stand before or after an amount, beside the currency's code. */
const NAMES: Record<string, string[]> = {
  KRW: ['₩', '원'],
  USD: ['$', '달러'],
  EUR: ['€', '유로'],
  JPY: ['¥', '円', '엔'],
  GBP: ['£', '파운드'],
};

type Unit = [name: string, factor: bigint];
const MYRIADS: Unit[] = [
  ['조', 10n ** 12n],
  ['억', 10n ** 8n],
  ['만', 10n ** 4n],
];
const TENS: Unit[] = [
  ['천', 1000n],
  ['백', 100n],
  ['십', 10n],
];

/** Longer texts cannot be amounts that the bank could book. */
const LONGEST = 64;

/** Amounts are read in steps of 10^-18, the smallest unit that a currency can have, so that nothing is rounded. */
const FINEST = 18;
const ONE = 10n ** BigInt(FINEST);

/** Replaces full-width digits, separators and signs. Nothing else is replaced: `10²` is not 102. */
const narrow = (text: string) =>
  text
    .replace(/[０-９，．＄]/g, wide => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replaceAll('￦', '₩')
    .replaceAll('￥', '¥')
    .replaceAll('￡', '£');

/** Removes the name of the account's currency. */
function bare(text: string, currency: string | undefined): string {
  if (!currency) return text;
  for (const name of [currency, currency.toLowerCase(), ...(NAMES[currency] ?? [])]) {
    if (text.startsWith(name)) return text.slice(name.length).trim();
    if (text.endsWith(name)) return text.slice(0, -name.length).trim();
  }
  return text;
}

/** Reads digits, optionally in groups of three, with an optional fraction. */
function literal(text: string): bigint | null {
  const match = /^(\d+|\d{1,3}(?:,\d{3})+)?(?:\.(\d*))?$/.exec(text);
  const [, whole = '', fraction = ''] = match ?? [];
  if (!match || whole + fraction === '' || fraction.length > FINEST) return null;
  return BigInt(whole.replaceAll(',', '') + fraction.padEnd(FINEST, '0'));
}

/** Reads a sum of descending units, such as `1만 5천`. Each part is smaller than the unit before it. */
function sum(text: string, units: Unit[], part: (text: string) => bigint | null): bigint | null {
  let [rest, total, above] = [text, 0n, null as bigint | null];
  const join = (value: bigint | null): boolean => {
    if (value === null || (above !== null && value >= above)) return false;
    total += value;
    return true;
  };
  for (const [name, factor] of units) {
    const at = rest.indexOf(name);
    if (at < 0) continue;
    const count = rest.slice(0, at).trim();
    // `만원` means ten thousand won.
    const value = count === '' ? ONE : part(count);
    if (value === null || !join(value * factor)) return null;
    rest = rest.slice(at + name.length).trim();
    above = ONE * factor;
  }
  return rest === '' || join(part(rest)) ? total : null;
}

/** Reads Korean units, which multiply the digits before them: `3천만` is 3 × 1,000 × 10,000. */
const inUnits = (text: string) => sum(text, MYRIADS, before => (/\s/.test(before) ? null : sum(before, TENS, literal)));

/**
 * Reads an amount of a currency with `scale` decimal places: `1,234.50`, `10만`, `1만 5천원`, `₩10,000`, full-width digits.
 * A comma groups three digits and is never a decimal separator. Another currency's sign is an error.
 */
export function parseAmount(text: string, scale: number, currency?: string): ParsedAmount {
  const plain = narrow(text).trim();
  if (plain === '') return not('empty');
  if (plain.length > LONGEST) return not('invalid');
  const amount = bare(plain, currency);
  const isPlain = literal(amount);
  // In a currency without decimals, `1.000` more likely means a thousand, so even zeros are an error.
  if (isPlain !== null && amount.includes('.') && amount.length - amount.indexOf('.') - 1 > scale)
    return not('too_precise');
  if (isPlain !== null && amount.includes('.') && scale === 0) return not('too_precise');
  // A point is clear with one unit, as in `1.5만`, but not in a sum.
  if (
    isPlain === null &&
    amount.includes('.') &&
    [...amount].filter(character => /[조억만천백십]/.test(character)).length !== 1
  )
    return not('invalid');
  const finest = isPlain ?? inUnits(amount);
  if (finest === null || amount === '') return not('invalid');
  const step = 10n ** BigInt(FINEST - scale);
  if (finest % step !== 0n) return not('too_precise');
  return finest / step > BigInt(MAX_AMOUNT) ? not('too_large') : { minor: Number(finest / step), error: null };
}

const isGrouped = (text: string) => /^(\d{1,3}(,\d{3})*)?(\.\d*)?$/.test(text);

/** Returns the text that was inserted to get from one text to the other. */
function inserted(before: string, after: string): string {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return after.slice(start, after.length - end);
}

/** Groups digits with an optional fraction. Returns `null` for any other text. */
function regrouped(text: string, scale: number): string | null {
  const match = /^(\d*)(\.\d*)?$/.exec(text);
  const [, whole = '', fraction = ''] = match ?? [];
  if (!match || fraction.length - 1 > scale || (fraction && scale === 0)) return null;
  const head = groupThousands(whole.replace(/^0+(?=\d)/, ''));
  return fraction ? (head || '0') + fraction : head;
}

/**
 * Returns what a field shows after an edit.
 *
 * Digits are grouped while they are typed, but not when they are pasted or filled in. Any other text stays unchanged
 * for the reader to judge: a typed comma may be meant as a decimal separator.
 */
export function formatTypedAmount(before: string, after: string, scale: number, isTyping: boolean): string {
  const text = narrow(after);
  const continues = isTyping && isGrouped(before) && /^[\d.]*$/.test(inserted(before, text));
  return regrouped(continues ? text.replaceAll(',', '') : text, scale) ?? after;
}

/** Returns whether an input event was caused by typing. */
export function isTyping(event: { nativeEvent: Event }): boolean {
  const type = (event.nativeEvent as InputEvent).inputType ?? '';
  return type === 'insertText' || type === 'insertCompositionText' || type.startsWith('deleteContent');
}

/** Formats an amount for an input field: grouped, without trailing zeros. */
export function amountToInput(minor: number, scale: number): string {
  const text = formatAmount(minor, scale);
  return scale > 0 ? text.replace(/\.0+$/, '') : text;
}
