import { describe, expect, it } from 'vitest';
import type { Entry } from '../src/api/types';
import { mergePages } from '../src/member/account/useEntries';

/** Returns entries with positions from `high` down to `low`. */
const entries = (high: number, low: number) =>
  Array.from({ length: high - low + 1 }, (_, at) => ({ position: high - at })) as Entry[];
const positions = (found: Entry[] | null) => found?.map(({ position }) => position);

describe('newest and older entries', () => {
  it('are joined, with each entry once', () => {
    expect(positions(mergePages(entries(310, 211), entries(300, 1), false))).toEqual(positions(entries(310, 1)));
    expect(positions(mergePages(entries(300, 201), entries(300, 1), false))).toEqual(positions(entries(300, 1)));
  });

  it('are not joined when entries between them are missing', () => {
    expect(mergePages(entries(500, 401), entries(300, 1), false)).toBeNull();
  });

  it('are joined after a page of a search that is short or empty', () => {
    expect(positions(mergePages(entries(310, 309), entries(310, 290), false))).toEqual(positions(entries(310, 290)));
    expect(positions(mergePages([], entries(30, 29), false))).toEqual([30, 29]);
    expect(positions(mergePages([], [], false))).toEqual([]);
  });

  it('are only the newest when there are no more', () => {
    expect(positions(mergePages(entries(40, 1), entries(300, 1), true))).toEqual(positions(entries(40, 1)));
  });
});
