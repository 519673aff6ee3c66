import { expect, test } from 'vitest';
import { chosen, keysOf } from '../../src/staff/providers/sorting';

test('an order is read as the API writes it', () => {
  expect(keysOf('-posted,number')).toEqual([
    { column: 'posted', down: true },
    { column: 'number', down: false },
  ]);
  expect(keysOf('')).toEqual([]);
});

test('a click sorts by one column, and turns it round when it is alone', () => {
  expect(chosen('number', 'posted', false)).toBe('posted');
  expect(chosen('posted', 'posted', false)).toBe('-posted');
  expect(chosen('-posted', 'posted', false)).toBe('posted');
  expect(chosen('posted,number', 'posted', false)).toBe('posted');
});

test('with Shift the columns before stay in front; one that is there turns round, then leaves', () => {
  expect(chosen('posted', 'name', true)).toBe('posted,name');
  expect(chosen('posted,name', 'name', true)).toBe('posted,-name');
  expect(chosen('posted,-name', 'name', true)).toBe('posted');
  expect(chosen('-posted', 'posted', true)).toBe('posted');
  expect(chosen('a,b,c', 'd', true)).toBe('b,c,d');
});
