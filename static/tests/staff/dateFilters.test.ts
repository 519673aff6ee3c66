import { expect, test } from 'vitest';
import { withDates } from '../../src/staff/providers/dataProvider';
import { above, bounds, finer } from '../../src/staff/providers/dateFilters';

test('a year, a month and a day have their first and last days', () => {
  expect(bounds('2026')).toEqual({ from: '2026-01-01', to: '2026-12-31' });
  expect(bounds('2028-02')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
  expect(bounds('2026-12')).toEqual({ from: '2026-12-01', to: '2026-12-31' });
  expect(bounds('2026-11-22')).toEqual({ from: '2026-11-22', to: '2026-11-22' });
});

test('the way up leads from a day to its month, and from a year out', () => {
  expect([above('2026-11-22'), above('2026-11'), above('2026')]).toEqual(['2026-11', '2026', undefined]);
});

test('only what the bank has lived through is offered, the latest first', () => {
  expect(finer(undefined, '2025-12-30', '2026-02-02')).toEqual(['2026', '2025']);
  expect(finer('2026', '2025-12-30', '2026-02-02')).toEqual(['2026-02', '2026-01']);
  expect(finer('2025-12', '2025-12-30', '2026-02-02')).toEqual(['2025-12-31', '2025-12-30']);
  expect(finer('2026-02-01', '2025-12-30', '2026-02-02')).toEqual(['2026-02-02', '2026-02-01']);
  expect(finer('2024', '2025-12-30', '2026-02-02')).toEqual([]);
});

test('a filter by a part of a date asks for its days, which are the bank’s own', () => {
  expect(withDates({ on: '2026-11', q: 'x' })).toEqual({ from: '2026-11-01', to: '2026-11-30', q: 'x' });
  expect(withDates({ on: '2026-11-22' })).toEqual({ from: '2026-11-22', to: '2026-11-22' });
  expect(withDates({ q: 'x' })).toEqual({ q: 'x' });
});
