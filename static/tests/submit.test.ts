/** Requests of a page that belongs to one member, in a browser in which others sign in. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { fetchJson } from '../src/api/http';
import { pageMember } from '../src/api/pageMember';
import { OutcomeUnknown, type Submission } from '../src/submissions/lifecycle';
import { memberRequests } from '../src/submissions/requests';
import { resubmit, submit } from '../src/submissions/submit';

const draft = (amount: number) => memberRequests.transfer({ from: '1', to: '2', amount }, {});

interface Heard {
  url: string;
  member: string | null;
  key: string | null;
}
let heard: Heard[];
let signedIn: string | null;

/** The service, as far as it matters here: it answers for whoever is signed in, and refuses what is meant for somebody else. */
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

it('names its member in every request, and knows whose the answer is', async () => {
  await fetchJson('GET', '/accounts');
  expect(await submit(draft(1))).toEqual({ kind: 'answered', answer: { id: 't' } });
  expect(heard.map(({ member }) => member)).toEqual(['mina', 'mina']);
  expect(heard[1]?.key).toMatch(/^[0-9a-f]{32}$/);
  expect(pageMember.other()).toBeNull();
});

it('sends nothing more once an answer has shown that somebody else is signed in', async () => {
  signedIn = 'joon';
  const first = await submit(draft(2));
  expect(first).toMatchObject({ kind: 'open', failure: { status: 412 } });
  expect(pageMember.other()).toBe('joon');
  heard = [];
  expect(await submit(draft(2))).toMatchObject({ kind: 'open', failure: expect.any(OutcomeUnknown) as unknown });
  expect(heard).toEqual([]);
  // Back again, the order has the key that it had.
  signedIn = 'mina';
  await fetchJson('GET', '/session', { forAnybody: true });
  expect(pageMember.other()).toBeNull();
  expect((await submit(draft(2))).kind).toBe('answered');
});

it('notices it by whatever is answered, and asks about it without naming anybody', async () => {
  signedIn = 'joon';
  await fetchJson('GET', '/session', { forAnybody: true });
  expect(heard[0]?.member).toBeNull();
  expect(pageMember.other()).toBe('joon');
});

it('does not send an order of one member for another', async () => {
  // What a component still has in hand of somebody who has signed out.
  const order: Submission = { ...draft(3), key: 'k', member: 'mina', createdAt: 0, attempts: 1 };
  pageMember.set('joon');
  signedIn = 'joon';
  expect(await resubmit(order)).toMatchObject({ kind: 'open', failure: { code: 'other_member' } });
  expect(heard).toEqual([]);
  pageMember.set(null);
  expect(await submit(draft(4))).toMatchObject({ kind: 'refused', failure: { code: 'not_signed_in' } });
  expect(heard).toEqual([]);
});

it('does not wait for ever: an answer that never comes leaves the order open', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new DOMException('', 'AbortError')));
  const over = AbortSignal.abort(new DOMException('', 'TimeoutError'));
  vi.stubGlobal('AbortSignal', { timeout: () => over });
  const outcome = await submit(draft(5));
  expect(outcome).toMatchObject({ kind: 'open', failure: { code: 'connection_lost' } });
});
