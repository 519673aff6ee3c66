import { expect, test } from 'vitest';
import { CursorPages } from '../../src/staff/providers/cursorPages';

/** Returns a list of five rows with two per page, which counts how often it is read. */
function list() {
  const asked: (string | undefined)[] = [];
  const read = (cursor: string | undefined) => {
    asked.push(cursor);
    const start = Number(cursor ?? 0);
    const has_more = start + 2 < 5;
    return Promise.resolve({
      data: [start, start + 1].filter(row => row < 5),
      has_more,
      next: has_more ? String(start + 2) : null,
    });
  };
  return { asked, read };
}

test('pages are read by the cursors of those before', async () => {
  const pages = new CursorPages();
  const { asked, read } = list();
  for (const [page, rows] of [
    [1, [0, 1]],
    [2, [2, 3]],
    [3, [4]],
  ] as const)
    expect((await pages.read('a', page, read)).data).toEqual(rows);
  expect(asked).toEqual([undefined, '2', '4']);
});

test('a page is reached by reading those before it, and one after the end is empty', async () => {
  const { asked, read } = list();
  expect((await new CursorPages().read('a', 3, read)).data).toEqual([4]);
  expect(asked).toEqual([undefined, '2', '4']);
  expect(await new CursorPages().read('a', 9, list().read)).toEqual({ data: [], has_more: false, next: null });
});

test('every query has its own cursors', async () => {
  const pages = new CursorPages();
  const { asked, read } = list();
  await pages.read('a', 2, read);
  await pages.read('b', 2, read);
  expect(asked).toEqual([undefined, '2', undefined, '2']);
});
