/** Submissions of one tab: what is sent, in whose name, and what is held back. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchJson, onSignedOut } from '../src/api/http';
import { pageMember } from '../src/api/pageMember';
import { OutcomeUnknown, type Submission } from '../src/submissions/lifecycle';
import { memberRequests, staffRequests } from '../src/submissions/requests';
import { discard, resubmit, submit } from '../src/submissions/submit';

const draft = (amount: number) => memberRequests.transfer({ from: '1', to: '2', amount }, {});

interface WatchedMessage {
  url: string;
  member: string | null;
  key: string | null;
}
let heard: WatchedMessage[];
let signedIn: string | null;

/** A service that answers for the member who is signed in and rejects requests in another's name. */
function answer({ url, headers }: { url: string; headers: Headers }): Response {
  const member = headers.get('jangbu-member');
  heard.push({ url, member, key: headers.get('idempotency-key') });
  const named = { headers: signedIn ? { 'jangbu-member': signedIn } : undefined };
  if (signedIn === null) return Response.json({ status: 401, code: 'not_signed_in' }, { status: 401 });
  if (member !== null && member !== signedIn)
    return Response.json({ status: 412, code: 'other_member' }, { status: 412, ...named });
  return Response.json({ id: 't' }, named);
}

beforeEach(() => {
  [heard, signedIn] = [[], 'mina'];
  pageMember.set('mina');
  vi.stubGlobal(
    'Request',
    class {
      readonly headers: Headers;
      readonly signal: AbortSignal;
      constructor(
        readonly url: string,
        init: RequestInit,
      ) {
        this.headers = new Headers(init.headers);
        this.signal = init.signal ?? new AbortController().signal;
      }
      clone() {
        return this;
      }
    },
  );
  vi.stubGlobal('fetch', (request: { url: string; headers: Headers }) => Promise.resolve(answer(request)));
});

afterEach(() => {
  vi.unstubAllGlobals();
});

it('names its member in every request', async () => {
  await fetchJson('GET', '/accounts');
  expect(await submit(draft(1))).toEqual({ kind: 'answered', answer: { id: 't' } });
  expect(heard.map(({ member }) => member)).toEqual(['mina', 'mina']);
  expect(heard[1]?.key).toMatch(/^[0-9a-f]{32}$/);
  expect(pageMember.other()).toBeNull();
});

it('sends nothing after an answer has shown that another member is signed in', async () => {
  signedIn = 'joon';
  const first = await submit(draft(2));
  expect(first).toMatchObject({ kind: 'unknown', error: { status: 412 } });
  expect(pageMember.other()).toBe('joon');
  heard = [];
  expect(await submit(draft(2))).toMatchObject({ kind: 'unknown', error: expect.any(OutcomeUnknown) as unknown });
  expect(heard).toEqual([]);
  // Back again, the submission has the same key.
  signedIn = 'mina';
  await fetchJson('GET', '/session', { forAnybody: true });
  expect(pageMember.other()).toBeNull();
  expect((await submit(draft(2))).kind).toBe('answered');
});

it('notices another member by any answer, and asks who is signed in without naming one', async () => {
  signedIn = 'joon';
  await fetchJson('GET', '/session', { forAnybody: true });
  expect(heard[0]?.member).toBeNull();
  expect(pageMember.other()).toBe('joon');
});

describe('a response that nobody is signed in', () => {
  const signedOut = vi.fn();
  beforeEach(() => {
    vi.useFakeTimers();
    signedOut.mockClear();
    onSignedOut(signedOut);
    signedIn = null;
  });
  afterEach(() => {
    vi.useRealTimers();
    onSignedOut(() => {});
  });

  it('does not end the page of a member if the browser has the cookie of another a moment later', async () => {
    const first = fetchJson('GET', '/accounts').catch((error: unknown) => error);
    const second = fetchJson('GET', '/session').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(0);
    expect(pageMember.isConfirmed()).toBe(false);
    signedIn = 'joon';
    await vi.runAllTimersAsync();
    expect([await first, await second]).toMatchObject([{ status: 412 }, { status: 412 }]);
    expect([pageMember.other(), pageMember.isConfirmed()]).toEqual(['joon', true]);
    expect(signedOut).not.toHaveBeenCalled();
    // One question for both requests, each of which is sent again in the name of the page's member.
    expect(heard.map(({ member }) => member)).toEqual(['mina', 'mina', null, 'mina', 'mina']);
  });

  it('is followed by the same submission when the member is signed in again', async () => {
    const sent = submit(draft(6));
    await vi.advanceTimersByTimeAsync(0);
    signedIn = 'mina';
    await vi.runAllTimersAsync();
    expect(await sent).toMatchObject({ kind: 'answered' });
    expect(heard[2]?.key).toBe(heard[0]?.key);
    expect([pageMember.isConfirmed(), heard.length]).toEqual([true, 3]);
  });

  it.each(['nobody', 'no answer'])('ends the page after several questions: %s', async what => {
    const sent = fetchJson('GET', '/accounts').catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(0);
    if (what === 'no answer') lose();
    expect(signedOut).not.toHaveBeenCalled();
    await vi.runAllTimersAsync();
    expect(await sent).toMatchObject({ status: 401 });
    expect(signedOut).toHaveBeenCalledOnce();
    expect(pageMember.isConfirmed()).toBe(false);
    expect(heard.length).toBe(4);
  });

  it('ends a page at once that has no member', async () => {
    pageMember.set(null);
    expect(await fetchJson('GET', '/accounts').catch((error: unknown) => error)).toMatchObject({ status: 401 });
    expect([signedOut.mock.calls.length, heard.length]).toEqual([1, 1]);
  });
});

it('does not send the submission of one member for another', async () => {
  // A component may still hold the submission of a member who has signed out.
  const order: Submission = { ...draft(3), key: 'k', member: 'mina', createdAt: 0, attempts: 1 };
  pageMember.set('joon');
  signedIn = 'joon';
  expect(await resubmit(order)).toMatchObject({ kind: 'unknown', error: { code: 'other_member' } });
  expect(heard).toEqual([]);
  pageMember.set(null);
  expect(await submit(draft(4))).toMatchObject({ kind: 'refused', error: { code: 'not_signed_in' } });
  expect(heard).toEqual([]);
});

it('gives up waiting for an answer, and leaves the outcome unknown', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new DOMException('', 'AbortError')));
  const over = AbortSignal.abort(new DOMException('', 'TimeoutError'));
  vi.stubGlobal('AbortSignal', { timeout: () => over });
  const outcome = await submit(draft(5));
  expect(outcome).toMatchObject({ kind: 'unknown', error: { code: 'connection_lost' } });
});

const settlement = (hold: string, amount: number) => staffRequests.settlement(hold, { amount }, {});
const lose = () =>
  vi.stubGlobal('fetch', (request: { url: string; headers: Headers }) => {
    answer(request);
    return Promise.reject(new TypeError('connection reset'));
  });
const restore = () =>
  vi.stubGlobal('fetch', (request: { url: string; headers: Headers }) => Promise.resolve(answer(request)));

it('sends no changed form while the outcome of the first is unknown', async () => {
  lose();
  expect(await submit(settlement('h', 5_000))).toMatchObject({ kind: 'unknown' });
  restore();
  heard = [];
  // Another amount, or the release of the same hold, would be a second request beside one that may have been carried out.
  const release = staffRequests.release('h', {}, {});
  for (const changed of [settlement('h', 6_000), release]) {
    expect(await submit(changed)).toMatchObject({ kind: 'refused', error: { code: 'earlier_unresolved' } });
  }
  expect(heard).toEqual([]);
  // Other holds are not affected, and the same request is a retry.
  expect((await submit(settlement('g', 6_000))).kind).toBe('answered');
  expect((await submit(settlement('h', 5_000))).kind).toBe('answered');
  expect((await submit(settlement('h', 6_000))).kind).toBe('answered');
});

it('sends no changed form while the first is in flight, and an identical one under the same key', async () => {
  let respond = () => {};
  const responded = new Promise<void>(resolve => {
    respond = resolve;
  });
  vi.stubGlobal('fetch', async (request: { url: string; headers: Headers }) => {
    const response = answer(request);
    await responded;
    return response;
  });
  const first = submit(settlement('f', 1));
  expect(await submit(settlement('f', 2))).toMatchObject({ kind: 'refused', error: { code: 'earlier_unresolved' } });
  const second = submit(settlement('f', 1));
  respond();
  expect((await first).kind).toBe('answered');
  expect((await second).kind).toBe('answered');
  expect(new Set(heard.map(({ key }) => key)).size).toBe(1);
});

it('lets the member put an unresolved submission aside', async () => {
  lose();
  await submit(settlement('d', 1));
  restore();
  discard({ key: heard[0]?.key ?? '' });
  expect((await submit(settlement('d', 2))).kind).toBe('answered');
});
