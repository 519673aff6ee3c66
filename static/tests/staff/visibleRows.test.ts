import { expect, test } from 'vitest';
import { ROW_PX, visibleRows } from '../../src/staff/list/visibleRows';

test('only rows near the viewport are rendered', () => {
  expect(visibleRows(10_000, 300, 900).from).toBe(0);
  const middle = visibleRows(10_000, -5_000 * ROW_PX, 900);
  expect(middle.from).toBeLessThan(5_000);
  expect(middle.to).toBeGreaterThanOrEqual(5_000 + 900 / ROW_PX);
  expect(middle.to - middle.from).toBeLessThan(60);
  expect(visibleRows(10_000, -20_000 * ROW_PX, 900)).toEqual({ from: 10_000, to: 10_000 });
  expect(visibleRows(3, 300, 900)).toEqual({ from: 0, to: 3 });
});
