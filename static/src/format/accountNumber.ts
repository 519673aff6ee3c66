/**
 * Account numbers as people read and write them. Those that the bank makes have ten digits and two check digits (ISO 7064
 * MOD 97-10), shown in fours; imported ones are up to 20 letters, digits and hyphens, shown as they are.
 */
const GENERATED = /^\d{12}$/;
const LONGEST = 20;

/** `000000000195` as `0000-0000-0195`. */
export const formatAccountNumber = (number: string) =>
  GENERATED.test(number) ? number.replace(/(\d{4})(?=\d)/g, '$1-') : number;

/** What was typed or pasted, as the bank has it: hyphens between digits only are decoration. */
export function normalizeAccountNumber(text: string): string {
  const plain = text
    .normalize('NFKC')
    .replace(/[–—−]/g, '-')
    .replace(/[^0-9A-Za-z-]/g, '')
    .replace(/^-+/, '');
  const digits = plain.replaceAll('-', '');
  return /^\d{0,12}$/.test(digits) ? digits : plain.slice(0, LONGEST);
}

/** What the field shows for a number while it is typed. */
export const formatPartialAccountNumber = (number: string) =>
  /^\d{1,12}$/.test(number) ? number.replace(/(\d{4})(?=\d)/g, '$1-') : number;

/** Whether a number of the bank's own form has a digit wrong; `false` for those of other forms. */
export function hasWrongCheckDigits(number: string): boolean {
  if (!GENERATED.test(number)) return false;
  return [...number].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) !== 1;
}

/** Whether nothing more belongs to the number, so that it can be looked up without waiting. */
export const isCompleteAccountNumber = (number: string) => GENERATED.test(number) && !hasWrongCheckDigits(number);
