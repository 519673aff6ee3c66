import { describe, expect, it } from 'vitest';
import type { Entry } from '../src/api/types';
import { mergePages } from '../src/member/account/useEntries';

/** Entries at positions from `high` down to `low`. */
const entries = (high: number, low: number) =>
  Array.from({ length: high - low + 1 }, (_, at) => ({ position: high - at })) as Entry[];
const positions = (found: Entry[] | null) => found?.map(({ position }) => position);

describe('the newest entries and the older ones', () => {
  it('are one list, with each entry once', () => {
    expect(positions(mergePages(entries(310, 211), entries(300, 1), false))).toEqual(positions(entries(310, 1)));
    expect(positions(mergePages(entries(300, 201), entries(300, 1), false))).toEqual(positions(entries(300, 1)));
  });

  it('are torn when more has happened than the first page tells', () => {
    expect(mergePages(entries(500, 401), entries(300, 1), false)).toBeNull();
  });

  it('are found behind a page of a search that is short or empty', () => {
    expect(positions(mergePages(entries(310, 309), entries(310, 290), false))).toEqual(positions(entries(310, 290)));
    expect(positions(mergePages([], entries(30, 29), false))).toEqual([30, 29]);
    expect(positions(mergePages([], [], false))).toEqual([]);
  });

  it('are the newest alone when there is no more', () => {
    expect(positions(mergePages(entries(40, 1), entries(300, 1), true))).toEqual(positions(entries(40, 1)));
  });
});
