import { describe, expect, it } from 'vitest';
import { amountToInput, formatTypedAmount, parseAmount } from '../src/format/amountInput';
import { caretPosition } from '../src/format/caret';
import { formatAmount, MAX_AMOUNT } from '../src/format/money';

describe('reading an amount', () => {
  it.each([0, 1, 2, 3, 4, 8, 18])('reads back what is shown at scale %d', scale => {
    for (const minor of [0, 1, 9, 10, 99, 100, 12_345, 10 ** 12 + 1, MAX_AMOUNT]) {
      expect(parseAmount(formatAmount(minor, scale), scale).minor).toBe(minor);
      expect(parseAmount(amountToInput(minor, scale), scale).minor).toBe(minor);
    }
  });

  it.each([
    ['10만', 100_000],
    ['1만 5천원', 15_000],
    ['3억', 300_000_000],
    ['₩10,000', 10_000],
    ['10,000원', 10_000],
    ['10,000 KRW', 10_000],
    ['krw 10,000', 10_000],
    ['１２，３４５', 12_345],
    ['￦１０', 10],
    ['3천만', 30_000_000],
    ['2천5백만', 25_000_000],
    ['1억 2,000만', 120_000_000],
    ['1억2천3백4십5만6,789원', 123_456_789],
    ['만원', 10_000],
    ['천원', 1_000],
    ['50천', 50_000],
    ['1.5만', 15_000],
    ['0.5억원', 50_000_000],
    [' 1000 ', 1_000],
    ['007', 7],
    ['1,234,567', 1_234_567],
  ])('%j is %d won', (text, minor) => expect(parseAmount(text, 0, 'KRW')).toEqual({ minor, error: null }));

  it.each([
    ['1,234.50', 123_450],
    ['.5', 50],
    ['5.', 500],
    ['$1,234.5', 123_450],
    ['12 USD', 1_200],
    ['5달러', 500],
    ['1만 달러', 1_000_000],
    ['１．５', 150],
  ])('%j is %d cents', (text, minor) => expect(parseAmount(text, 2, 'USD')).toEqual({ minor, error: null }));

  it.each([
    ['', 0, 'empty'],
    ['  ', 0, 'empty'],
    ['.', 2, 'invalid'],
    ['원', 0, 'invalid'],
    ['abc', 0, 'invalid'],
    ['-5000', 0, 'invalid'],
    ['−5000', 0, 'invalid'],
    ['+5', 0, 'invalid'],
    ['1e5', 0, 'invalid'],
    ['10²', 0, 'invalid'],
    ['½', 0, 'invalid'],
    ['①', 0, 'invalid'],
    ['٣', 0, 'invalid'],
    ['5달러', 0, 'invalid'],
    ['$5', 0, 'invalid'],
    ['USD 5', 0, 'invalid'],
    ['1.234,56', 0, 'invalid'],
    ['12,50', 0, 'invalid'],
    ['1 000,50', 0, 'invalid'],
    ['1 000', 0, 'invalid'],
    ['1,2345', 0, 'invalid'],
    ['1234,567', 0, 'invalid'],
    [',123', 0, 'invalid'],
    ['1,', 0, 'invalid'],
    ["1'000", 0, 'invalid'],
    ['1_000', 0, 'invalid'],
    ['1.2.3', 0, 'invalid'],
    ['1.5', 0, 'too_precise'],
    ['1.000', 0, 'too_precise'],
    ['1.', 0, 'too_precise'],
    ['1.23456만', 0, 'too_precise'],
    ['5천 1만', 0, 'invalid'],
    ['1만 25천', 0, 'invalid'],
    ['1만 2만', 0, 'invalid'],
    ['1만 10,000', 0, 'invalid'],
    ['1.5만 2천', 0, 'invalid'],
    ['만5천x', 0, 'invalid'],
    ['10만원원', 0, 'invalid'],
    ['₩₩10', 0, 'invalid'],
    ['9007199254740992', 0, 'too_large'],
    ['1'.repeat(65), 0, 'invalid'],
    ['9999조', 0, 'too_large'],
    ['1만조', 0, 'invalid'],
  ])('%j at scale %d is %s', (text, scale, error) =>
    expect(parseAmount(text, scale, 'KRW')).toEqual({ minor: null, error }),
  );

  it.each([
    ['0.001', 'too_precise'],
    ['12,50', 'invalid'],
    ['1.234,56', 'invalid'],
    ['1 000,50', 'invalid'],
    ['€5', 'invalid'],
    ['₩5', 'invalid'],
  ])('%j of dollars is %s', (text, error) => expect(parseAmount(text, 2, 'USD').error).toBe(error));

  it('accepts no sign without a currency', () => expect(parseAmount('$5', 2).error).toBe('invalid'));
});

describe('typing an amount', () => {
  const press = (before: string, after: string, scale: number) => formatTypedAmount(before, after, scale, true);
  it.each([
    ['123', '1234', 0, '1,234'],
    ['1,234', '1,2345', 0, '12,345'],
    ['1,234', '1,23', 0, '123'],
    ['1,234', '91,234', 0, '91,234'],
    ['1,234', ',234', 0, '234'],
    ['00', '007', 0, '7'],
    ['1', '1.', 2, '1.'],
    ['', '.', 2, '0.'],
    ['1,234.5', '19,234.5', 2, '19,234.5'],
    ['1,234.5', '1234.5', 2, '1,234.5'],
    ['１２３', '１２３４', 0, '1,234'],
    ['', '', 0, ''],
  ])('groups digits: %j to %j at scale %d shows %j', (before, after, scale, shown) =>
    expect(press(before, after, scale)).toBe(shown),
  );

  it.each([
    ['12', '12,', 2],
    ['12,', '12,5', 2],
    ['12,5', '12,50', 2],
    ['10', '10만', 0],
    ['1', '1x', 0],
    ['12', '12.', 0],
    ['1.23', '1.234', 2],
    ['', '-', 0],
    ['1', '1e', 0],
    ['10', '10²', 0],
    ['1만', '1만 ', 0],
  ])('leaves other texts: %j to %j at scale %d', (before, after, scale) =>
    expect(press(before, after, scale)).toBe(after),
  );

  it('leaves the commas of a pasted text', () => {
    expect(formatTypedAmount('1,234', '12,50', 2, false)).toBe('12,50');
    expect(formatTypedAmount('1,234', '1,23', 2, false)).toBe('1,23');
    expect(formatTypedAmount('', '1234567', 0, false)).toBe('1,234,567');
  });

  it('reads what was typed key by key', () => {
    for (const [keys, scale, minor] of [
      ['1234567', 0, 1_234_567],
      ['12,500', 0, 12_500],
      ['1234.5', 2, 123_450],
    ] as const) {
      let shown = '';
      for (const key of keys) shown = press(shown, shown + key, scale);
      expect(parseAmount(shown, scale).minor, keys).toBe(minor);
    }
    let shown = '';
    for (const key of '12,50') shown = press(shown, shown + key, 2);
    expect(parseAmount(shown, 2)).toEqual({ minor: null, error: 'invalid' });
  });

  it('keeps the caret after the same characters', () => {
    const part = (character: string) => /[\d.]/.test(character);
    expect(caretPosition('1234', 4, '1,234', part)).toBe(5);
    expect(caretPosition('1234', 1, '1,234', part)).toBe(1);
    expect(caretPosition('91,234', 1, '91,234', part)).toBe(1);
    expect(caretPosition('1,2345', 6, '12,345', part)).toBe(6);
  });
});
