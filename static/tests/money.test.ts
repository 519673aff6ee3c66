import { describe, expect, it } from 'vitest';
import { formatAmount, formatMoney, formatSignedMoney, formatWonInHangul, MAX_AMOUNT } from '../src/format/money';

describe('money as text', () => {
  it.each([
    [0, 0, '0'],
    [1234567, 0, '1,234,567'],
    [-500, 0, '−500'],
    [5, 2, '0.05'],
    [-5, 2, '−0.05'],
    [1234567, 2, '12,345.67'],
    [1, 3, '0.001'],
    [123456789, 4, '12,345.6789'],
    [MAX_AMOUNT, 0, '9,007,199,254,740,991'],
    [MAX_AMOUNT, 2, '90,071,992,547,409.91'],
    [1, 18, '0.000000000000000001'],
  ])('%d at scale %d is %s', (minor, scale, text) => expect(formatAmount(minor, scale)).toBe(text));

  it('has its currency as the language writes it', () => {
    expect(formatMoney(12_000, 'KRW', 0, 'ko')).toBe('12,000원');
    expect(formatMoney(-12_000, 'KRW', 0, 'en')).toBe('−₩12,000');
    expect(formatMoney(1250, 'USD', 2, 'en')).toBe('$12.50');
    expect(formatMoney(1250, 'KWD', 3, 'ko')).toBe('KWD 1.250');
    expect(formatSignedMoney(1, 'KRW', 0, 'ko')).toBe('+1원');
    expect(formatSignedMoney(0, 'KRW', 0, 'ko')).toBe('0원');
  });

  it('is written in Korean units', () => {
    expect(formatWonInHangul(9_999)).toBe('');
    expect(formatWonInHangul(12_345_678)).toBe('1,234만 5,678원');
    expect(formatWonInHangul(100_000_000)).toBe('1억원');
  });
});
