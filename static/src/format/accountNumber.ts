/**
 * Account numbers as people read and type them. The bank's own have ten digits and two check digits (ISO 7064 MOD
 * 97-10) and are shown in groups of four. Imported ones have up to 20 letters, digits and hyphens and are shown
 * unchanged.
 */
const GENERATED = /^\d{12}$/;
const LONGEST = 20;

/** Formats `000000000195` as `0000-0000-0195`. */
export const formatAccountNumber = (number: string) =>
  GENERATED.test(number) ? number.replace(/(\d{4})(?=\d)/g, '$1-') : number;

/** Returns a typed or pasted number as the bank stores it. Hyphens between digits are removed. */
export function normalizeAccountNumber(text: string): string {
  const plain = text
    .normalize('NFKC')
    .replace(/[–—−]/g, '-')
    .replace(/[^0-9A-Za-z-]/g, '')
    .replace(/^-+/, '');
  const digits = plain.replaceAll('-', '');
  return /^\d{0,12}$/.test(digits) ? digits : plain.slice(0, LONGEST);
}

/** Formats a number that is still being typed. */
export const formatPartialAccountNumber = (number: string) =>
  /^\d{1,12}$/.test(number) ? number.replace(/(\d{4})(?=\d)/g, '$1-') : number;

/** Returns whether the check digits of a number of the bank's own form are wrong; `false` for other forms. */
export function hasWrongCheckDigits(number: string): boolean {
  if (!GENERATED.test(number)) return false;
  return [...number].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) !== 1;
}

/** Returns whether a number is complete, so that it can be looked up without waiting. */
export const isCompleteAccountNumber = (number: string) => GENERATED.test(number) && !hasWrongCheckDigits(number);
