import { describe, expect, it } from 'vitest';
import { caret } from '../src/format/caret';
import { change, digits, field, inHangul, MOST, money, parse, typed } from '../src/format/money';

describe('money as text', () => {
  it.each([
    [0, 0, '0'], [1234567, 0, '1,234,567'], [-500, 0, '−500'], [5, 2, '0.05'], [-5, 2, '−0.05'], [1234567, 2, '12,345.67'],
    [1, 3, '0.001'], [123456789, 4, '12,345.6789'], [MOST, 0, '9,007,199,254,740,991'], [MOST, 2, '90,071,992,547,409.91'], [1, 18, '0.000000000000000001'],
  ])('%d at scale %d is %s', (minor, scale, text) => expect(digits(minor, scale)).toBe(text));

  it('has the currency as the language writes it', () => {
    expect(money(12_000, 'KRW', 0, 'ko')).toBe('12,000원');
    expect(money(-12_000, 'KRW', 0, 'en')).toBe('−₩12,000');
    expect(money(1250, 'USD', 2, 'en')).toBe('$12.50');
    expect(money(1250, 'KWD', 3, 'ko')).toBe('KWD 1.250');
    expect(change(1, 'KRW', 0, 'ko')).toBe('+1원');
    expect(change(0, 'KRW', 0, 'ko')).toBe('0원');
  });

  it('is read as Koreans read it', () => {
    expect(inHangul(9_999)).toBe('');
    expect(inHangul(12_345_678)).toBe('1,234만 5,678원');
    expect(inHangul(100_000_000)).toBe('1억원');
  });
});

describe('text as money', () => {
  it.each([0, 1, 2, 3, 4, 8, 18])('comes back at scale %d', scale => {
    for (const minor of [0, 1, 9, 10, 99, 100, 12_345, 10 ** 12 + 1, MOST]) {
      expect(parse(digits(minor, scale), scale).minor).toBe(minor);
      expect(parse(field(minor, scale), scale).minor).toBe(minor);
    }
  });

  it.each([
    ['', 0, 'empty'], ['.', 2, 'empty'], ['abc', 0, 'invalid'], ['-5', 0, 'invalid'], ['1.2.3', 2, 'invalid'], ['1.5', 0, 'too_precise'],
    ['0.001', 2, 'too_precise'], ['9007199254740992', 0, 'too_large'], ['1e5', 0, 'invalid'],
  ])('%j at scale %d is %s', (text, scale, error) => expect(parse(text, scale).error).toBe(error));

  it.each([['1,000원', 0, 1000], ['１２３', 0, 123], ['.5', 2, 50], ['5.', 2, 500], ['1.50', 1, 15], ['$1,234.5', 2, 123450]])(
    '%j at scale %d is %d', (text, scale, minor) => expect(parse(text, scale).minor).toBe(minor));
});

describe('typing an amount', () => {
  it.each([['1234', 0, '1,234'], ['12x34', 0, '1,234'], ['007', 0, '7'], ['1234.567', 2, '1,234.56'], ['1.', 2, '1.'], ['.5', 2, '0.5'], ['1.5', 0, '1'], ['１２３４', 0, '1,234']])(
    '%j at scale %d shows %j', (text, scale, shown) => expect(typed(text, scale)).toBe(shown));

  it('keeps the caret behind what it was behind', () => {
    const part = (character: string) => /[\d.]/.test(character);
    expect(caret('1234', 4, '1,234', part)).toBe(5);
    expect(caret('1234', 1, '1,234', part)).toBe(1);
    expect(caret('91,234', 1, '91,234', part)).toBe(1);
    expect(caret('1,2345', 6, '12,345', part)).toBe(6);
  });
});
