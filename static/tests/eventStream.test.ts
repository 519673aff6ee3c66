import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventCursor } from '../src/live/eventCursor';
import { followEvents } from '../src/live/eventStream';

describe('an event cursor', () => {
  it('accepts each event once', () => {
    const seen = new EventCursor();
    expect(seen.last).toBeNull();
    expect(seen.start(100)).toBe(false);
    expect([100, 101, 101, 103, 102].map(position => seen.accept(position))).toEqual([false, true, false, true, false]);
    expect(seen.last).toBe(103);
  });

  it('continues with a stream that starts further on', () => {
    const seen = new EventCursor();
    seen.start(100);
    seen.accept(103);
    expect(seen.start(110)).toBe(false);
    // Events that were missed follow those that were seen.
    expect([104, 110].map(position => seen.accept(position))).toEqual([true, true]);
  });

  it.each([
    [103, 50],
    [103, 102],
    [103, 0],
  ])('at %i starts over with a bank that was restored to %i', (before, end) => {
    const seen = new EventCursor();
    seen.start(100);
    seen.accept(before);
    expect(seen.start(end)).toBe(true);
    expect(seen.last).toBe(end);
    expect(seen.accept(end + 1)).toBe(true);
    expect(seen.start(end + 1)).toBe(false);
  });

  it('accepts events before it knows where the stream starts', () => {
    const seen = new EventCursor();
    expect(seen.accept(7)).toBe(true);
    expect(seen.start(7)).toBe(false);
    expect(seen.accept(8)).toBe(true);
  });
});

describe('following a stream', () => {
  const opened: string[] = [];
  let grant: () => Promise<void> = () => Promise.resolve();

  beforeEach(() => {
    opened.length = 0;
    vi.stubGlobal(
      'BroadcastChannel',
      class {
        postMessage() {}
        close() {}
      },
    );
    vi.stubGlobal(
      'EventSource',
      class {
        constructor(url: string) {
          opened.push(url);
        }
        addEventListener() {}
        close() {}
      },
    );
    const request = (_name: string, _options: object, lead: () => Promise<void>) => {
      grant = lead;
      return new Promise(() => {});
    };
    vi.stubGlobal('navigator', { locks: { request } });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const listener = { event: () => {}, connected: () => {}, restored: () => {} };

  it('opens it once the tab has the lock, and gives the lock back at the end', async () => {
    const stop = followEvents('mina', listener);
    expect(opened).toEqual([]);
    const held = grant();
    expect(opened).toEqual(['/api/v1/me/events']);
    stop();
    await held;
  });

  it('does not open it, nor keep the lock, when the lock comes after the end', async () => {
    followEvents('mina', listener)();
    await grant();
    expect(opened).toEqual([]);
  });
});
