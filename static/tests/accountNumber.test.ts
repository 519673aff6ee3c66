import { describe, expect, it } from 'vitest';
import {
  formatAccountNumber,
  formatPartialAccountNumber,
  hasWrongCheckDigits,
  isCompleteAccountNumber,
  normalizeAccountNumber,
} from '../src/format/accountNumber';

describe('an account number', () => {
  it.each([
    ['000000000195', '0000-0000-0195'],
    ['YZ-87144583', 'YZ-87144583'],
    ['123', '123'],
    ['12345678901234567890', '12345678901234567890'],
  ])('%s is shown as %s', (number, text) => expect(formatAccountNumber(number)).toBe(text));

  it.each([
    ['0000-0000-0195', '000000000195'],
    [' 0000 0000 0195 ', '000000000195'],
    ['００００-0000-0195', '000000000195'],
    ['yz-8714', 'yz-8714'],
    ['YZ–8714', 'YZ-8714'],
    ['-1', '1'],
    ['1234567890123', '1234567890123'],
    ['계좌 12', '12'],
    ['a'.repeat(30), 'a'.repeat(20)],
  ])('%j is written %j', (text, number) => expect(normalizeAccountNumber(text)).toBe(number));

  it('is grouped while it is typed', () => {
    expect(formatPartialAccountNumber('00000')).toBe('0000-0');
    expect(formatPartialAccountNumber('0000')).toBe('0000');
    expect(formatPartialAccountNumber('1234567890123')).toBe('1234567890123');
    expect(normalizeAccountNumber(formatPartialAccountNumber('000000000195'))).toBe('000000000195');
  });

  it('detects a wrong digit, and two that changed places', () => {
    expect([hasWrongCheckDigits('000000000195'), isCompleteAccountNumber('000000000195')]).toEqual([false, true]);
    for (const wrong of ['000000000196', '000000001095', '100000000195'])
      expect([hasWrongCheckDigits(wrong), isCompleteAccountNumber(wrong)], wrong).toEqual([true, false]);
    for (const other of ['YZ-87144583', '123', ''])
      expect([hasWrongCheckDigits(other), isCompleteAccountNumber(other)], other).toEqual([false, false]);
  });
});
