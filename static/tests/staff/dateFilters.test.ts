import { expect, test } from 'vitest';
import { withDateBounds } from '../../src/staff/providers/dataProvider';
import { childPeriods, parentPeriod, periodBounds } from '../../src/staff/providers/dateFilters';

test('a year, a month and a day have their first and last days', () => {
  expect(periodBounds('2026')).toEqual({ from: '2026-01-01', to: '2026-12-31' });
  expect(periodBounds('2028-02')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
  expect(periodBounds('2026-12')).toEqual({ from: '2026-12-01', to: '2026-12-31' });
  expect(periodBounds('2026-11-22')).toEqual({ from: '2026-11-22', to: '2026-11-22' });
});

test('a day lies in its month, and a year in nothing', () => {
  expect([parentPeriod('2026-11-22'), parentPeriod('2026-11'), parentPeriod('2026')]).toEqual([
    '2026-11',
    '2026',
    undefined,
  ]);
});

test('periods of the bank’s lifetime are offered, latest first', () => {
  expect(childPeriods(undefined, '2025-12-30', '2026-02-02')).toEqual(['2026', '2025']);
  expect(childPeriods('2026', '2025-12-30', '2026-02-02')).toEqual(['2026-02', '2026-01']);
  expect(childPeriods('2025-12', '2025-12-30', '2026-02-02')).toEqual(['2025-12-31', '2025-12-30']);
  expect(childPeriods('2026-02-01', '2025-12-30', '2026-02-02')).toEqual(['2026-02-02', '2026-02-01']);
  expect(childPeriods('2024', '2025-12-30', '2026-02-02')).toEqual([]);
});

test('a filter by a period becomes its first and last day', () => {
  expect(withDateBounds({ on: '2026-11', q: 'x' })).toEqual({ from: '2026-11-01', to: '2026-11-30', q: 'x' });
  expect(withDateBounds({ on: '2026-11-22' })).toEqual({ from: '2026-11-22', to: '2026-11-22' });
  expect(withDateBounds({ q: 'x' })).toEqual({ q: 'x' });
});
