import { describe, expect, it } from 'vitest';
import { EventCursor } from '../src/live/eventCursor';

describe('what a tab has seen', () => {
  it('is each event once', () => {
    const seen = new EventCursor();
    expect(seen.last).toBeNull();
    expect(seen.start(100)).toBe(false);
    expect([100, 101, 101, 103, 102].map(position => seen.accept(position))).toEqual([false, true, false, true, false]);
    expect(seen.last).toBe(103);
  });

  it('goes on over a stream that begins again further on', () => {
    const seen = new EventCursor();
    seen.start(100);
    seen.accept(103);
    expect(seen.start(110)).toBe(false);
    // What happened in between comes behind what was seen.
    expect([104, 110].map(position => seen.accept(position))).toEqual([true, true]);
  });

  it.each([
    [103, 50],
    [103, 102],
    [103, 0],
  ])('at %i begins anew with a bank that was restored to %i', (before, end) => {
    const seen = new EventCursor();
    seen.start(100);
    seen.accept(before);
    expect(seen.start(end)).toBe(true);
    expect(seen.last).toBe(end);
    expect(seen.accept(end + 1)).toBe(true);
    expect(seen.start(end + 1)).toBe(false);
  });

  it('takes what comes before it knows where it begins', () => {
    const seen = new EventCursor();
    expect(seen.accept(7)).toBe(true);
    expect(seen.start(7)).toBe(false);
    expect(seen.accept(8)).toBe(true);
  });
});
