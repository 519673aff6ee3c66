import { expect, test } from 'vitest';
import { parseSort, toggleSort } from '../../src/staff/providers/sorting';

test('an order is read as the API writes it', () => {
  expect(parseSort('-posted,number')).toEqual([
    { column: 'posted', down: true },
    { column: 'number', down: false },
  ]);
  expect(parseSort('')).toEqual([]);
});

test('a click sorts by one column, and reverses it when it is alone', () => {
  expect(toggleSort('number', 'posted', false)).toBe('posted');
  expect(toggleSort('posted', 'posted', false)).toBe('-posted');
  expect(toggleSort('-posted', 'posted', false)).toBe('posted');
  expect(toggleSort('posted,number', 'posted', false)).toBe('posted');
});

test('with Shift the columns before stay in front; one among them is reversed, then removed', () => {
  expect(toggleSort('posted', 'name', true)).toBe('posted,name');
  expect(toggleSort('posted,name', 'name', true)).toBe('posted,-name');
  expect(toggleSort('posted,-name', 'name', true)).toBe('posted');
  expect(toggleSort('-posted', 'posted', true)).toBe('posted');
  expect(toggleSort('a,b,c', 'd', true)).toBe('b,c,d');
});
