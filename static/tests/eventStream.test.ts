import { describe, expect, it } from 'vitest';
import { Seen } from '../src/live/eventCursor';

describe('what a tab has seen', () => {
  it('is each event once', () => {
    const seen = new Seen();
    expect(seen.last).toBeNull();
    expect(seen.begins(100)).toBe(false);
    expect([100, 101, 101, 103, 102].map(position => seen.takes(position))).toEqual([false, true, false, true, false]);
    expect(seen.last).toBe(103);
  });

  it('goes on over a stream that begins again further on', () => {
    const seen = new Seen();
    seen.begins(100);
    seen.takes(103);
    expect(seen.begins(110)).toBe(false);
    // What happened in between comes behind what was seen.
    expect([104, 110].map(position => seen.takes(position))).toEqual([true, true]);
  });

  it.each([
    [103, 50],
    [103, 102],
    [103, 0],
  ])('at %i begins anew with a bank that was restored to %i', (before, end) => {
    const seen = new Seen();
    seen.begins(100);
    seen.takes(before);
    expect(seen.begins(end)).toBe(true);
    expect(seen.last).toBe(end);
    expect(seen.takes(end + 1)).toBe(true);
    expect(seen.begins(end + 1)).toBe(false);
  });

  it('takes what comes before it knows where it begins', () => {
    const seen = new Seen();
    expect(seen.takes(7)).toBe(true);
    expect(seen.begins(7)).toBe(false);
    expect(seen.takes(8)).toBe(true);
  });
});
