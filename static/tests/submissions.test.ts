import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, connectionLost } from '../src/api/apiError';
import { isFinal, OutcomeUnknown, outcomeOf, type Submission } from '../src/submissions/lifecycle';
import { type Draft, memberRequests, staffRequests } from '../src/submissions/requests';
import { type KeyValueStore, SubmissionStore } from '../src/submissions/SubmissionStore';

class MemoryStore implements KeyValueStore {
  readonly #entries = new Map<string, string>();
  get length() {
    return this.#entries.size;
  }
  key = (at: number) => [...this.#entries.keys()][at] ?? null;
  getItem = (name: string) => this.#entries.get(name) ?? null;
  setItem = (name: string, value: string) => void this.#entries.set(name, value);
  removeItem = (name: string) => void this.#entries.delete(name);
}

const subject = { minor: 10_000, currency: 'KRW', scale: 0, from: '1', to: '2' };
/** A request of every kind; a different amount makes it a different request. */
const REQUESTS: Record<keyof typeof memberRequests | keyof typeof staffRequests, (amount: number) => Draft> = {
  transfer: amount => memberRequests.transfer({ from: '1', to: '2', amount }, subject),
  schedule: amount =>
    memberRequests.schedule({ from: '1', to: '2', amount, rule: { every: 'day', time: '09:00' } }, subject),
  account: amount => memberRequests.account(`type-${amount}`, subject),
  deposit: amount => staffRequests.deposit({ to: '2', amount }, subject),
  withdrawal: amount => staffRequests.withdrawal({ from: '1', amount }, subject),
  hold: amount => staffRequests.hold({ from: '1', to: '2', amount }, subject),
  linked: amount => staffRequests.linked({ steps: [{ type: 'transfer', from: '1', to: '2', amount }] }, subject),
  settlement: amount => staffRequests.settlement('h', { amount, final: true }, subject),
  release: amount => staffRequests.release('h', { reason: String(amount) }, subject),
  reversal: amount => staffRequests.reversal('t', { amount }, subject),
  opening: amount => staffRequests.opening({ owner: 'o', type: 'basic', overdraft: amount }, subject),
  type: amount => staffRequests.type({ code: `t${amount}` }, subject),
  member: amount => staffRequests.member({ username: `m${amount}` }, subject),
};

const failing = (status: number, code: string) => () => Promise.reject(new ApiError({ status, code }));

/** What an error means for a first attempt, and for a retry. */
const ERRORS: [status: number, code: string, first: 'unknown' | 'refused', retry: 'unknown' | 'refused'][] = [
  [422, 'insufficient_funds', 'refused', 'refused'],
  [400, 'invalid_request', 'refused', 'unknown'],
  [409, 'username_taken', 'refused', 'unknown'],
  [410, 'archived', 'refused', 'unknown'],
  [413, 'too_large', 'refused', 'unknown'],
  [409, 'id_reused', 'unknown', 'unknown'],
  [401, 'not_signed_in', 'unknown', 'unknown'],
  [403, 'not_allowed', 'unknown', 'unknown'],
  [404, 'not_found', 'unknown', 'unknown'],
  [408, 'http_408', 'unknown', 'unknown'],
  [412, 'other_member', 'unknown', 'unknown'],
  [429, 'rate_limited', 'unknown', 'unknown'],
  [500, 'internal', 'unknown', 'unknown'],
  [502, 'http_502', 'unknown', 'unknown'],
  [503, 'outcome_unknown', 'unknown', 'unknown'],
  [503, 'timeout', 'unknown', 'unknown'],
  [0, 'connection_lost', 'unknown', 'unknown'],
];

describe('the outcome of an attempt', () => {
  it.each(ERRORS)('answered %d %s is %s at first and %s on a retry', (status, code, first, retry) => {
    const error = new ApiError({ status, code });
    expect(outcomeOf(error, 0)).toMatchObject({ kind: first, error: { status, code } });
    expect(outcomeOf(error, 1)).toMatchObject({ kind: retry, error: { status, code } });
  });

  it('is unknown for an exception of the page itself', () => {
    expect(outcomeOf(new TypeError('defect'), 0)).toMatchObject({ kind: 'unknown', error: { code: 'unexpected' } });
  });

  it('carries an error of its own kind when it is unknown', () => {
    expect(outcomeOf(connectionLost(), 0).error).toBeInstanceOf(OutcomeUnknown);
    expect(outcomeOf(new ApiError({ status: 422, code: 'insufficient_funds' }), 0).error).not.toBeInstanceOf(
      OutcomeUnknown,
    );
  });

  it('is final on a retry only for a refusal of the ledger', () => {
    const final = ERRORS.filter(([status, code]) => isFinal(new ApiError({ status, code }), 1));
    expect(final.map(([status]) => status)).toEqual([422]);
  });
});

describe.each(Object.entries(REQUESTS))('a submission of the kind %s', (_, request) => {
  let entries: MemoryStore;
  let store: SubmissionStore;
  /** Another tab, or this one after a reload: nothing is shared but the browser's storage. */
  const elsewhere = (member = 'mina') => new SubmissionStore(entries, member);
  const keys = (of: SubmissionStore) => of.unresolved().map(({ key }) => key);
  beforeEach(() => {
    entries = new MemoryStore();
    store = elsewhere();
  });

  it('is stored with its key before it is sent, and forgotten when it is answered', async () => {
    const submission = store.prepare(request(1));
    expect(submission).toMatchObject({ key: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown, attempts: 0 });
    const answer = (sent: Submission) => {
      expect(elsewhere().find(submission.key)).toMatchObject({ key: sent.key, body: request(1).body, attempts: 1 });
      return Promise.resolve({ id: 'x' });
    };
    expect(await store.send(submission, answer)).toEqual({ kind: 'answered', answer: { id: 'x' } });
    expect(elsewhere().unresolved()).toEqual([]);
    // The same request afterwards is a new one.
    expect(store.prepare(request(1)).key).not.toBe(submission.key);
  });

  it.each(ERRORS)(
    'answered %d %s keeps its key exactly when the outcome is unknown',
    async (status, code, first, retry) => {
      const submission = store.prepare(request(1));
      expect((await store.send(submission, failing(status, code))).kind).toBe(first);
      expect(keys(elsewhere())).toEqual(first === 'unknown' ? [submission.key] : []);

      const lost = store.prepare(request(2));
      await store.send(lost, () => Promise.reject(connectionLost()));
      const found = elsewhere().find(lost.key)!;
      expect((await elsewhere().send(found, failing(status, code))).kind).toBe(retry);
      expect(elsewhere().find(lost.key) !== null).toBe(retry === 'unknown');
    },
  );

  it('keeps its key over a lost answer, a closed dialog and a reload', async () => {
    const submission = store.prepare(request(1));
    await store.send(submission, () => Promise.reject(connectionLost()));
    const sent: string[] = [];
    await elsewhere().send(elsewhere().prepare(request(1)), ({ key }) => {
      sent.push(key);
      return Promise.resolve({});
    });
    expect(sent).toEqual([submission.key]);
    expect(elsewhere().unresolved()).toEqual([]);
  });

  it('counts as sent when a reload cuts it off before any answer', async () => {
    void store.send(store.prepare(request(1)), () => new Promise(() => {}));
    const [found] = elsewhere().unresolved();
    expect((await elsewhere().send(found!, failing(409, 'username_taken'))).kind).toBe('unknown');
  });

  it('is neither overwritten by another tab nor forgotten by the answer to its submission', async () => {
    const mine = store.prepare(request(1));
    await store.send(mine, () => Promise.reject(connectionLost()));
    const theirs = elsewhere().prepare(request(2));
    expect(theirs.key).not.toBe(mine.key);
    await elsewhere().send(theirs, () => Promise.reject(connectionLost()));
    expect(keys(store).sort()).toEqual([mine.key, theirs.key].sort());
    await elsewhere().send(theirs, () => Promise.resolve({}));
    expect(keys(store)).toEqual([mine.key]);
  });

  it('has one key in two tabs, and is resolved in both', async () => {
    const mine = store.prepare(request(1));
    const theirs = elsewhere().prepare(request(1));
    expect(theirs.key).toBe(mine.key);
    await elsewhere().send(theirs, () => Promise.resolve({}));
    // The service repeats the first answer to the one that comes later.
    expect((await store.send(mine, () => Promise.resolve({}))).kind).toBe('answered');
    expect(store.unresolved()).toEqual([]);
  });

  it('is invisible to another member, who cannot send it', async () => {
    const mine = store.prepare(request(1));
    expect(elsewhere('joon').unresolved()).toEqual([]);
    expect(elsewhere('joon').prepare(request(1)).key).not.toBe(mine.key);
    expect(store.unresolved()).toEqual([mine]);
    // Not even to one whose id is a prefix of the other's.
    expect(elsewhere('min').unresolved()).toEqual([]);
    const send = vi.fn();
    expect(await elsewhere('joon').send(mine, send)).toMatchObject({
      kind: 'unknown',
      error: { code: 'other_member' },
    });
    expect(send).not.toHaveBeenCalled();
    expect(store.unresolved()).toEqual([mine]);
    expect(elsewhere('joon').unresolved()).toHaveLength(1);
  });
});

describe('two drafts are the same request', () => {
  const transfer = (body: object) => memberRequests.transfer({ from: '1', to: '2', amount: 5, ...body }, subject);

  it('when their content is, whatever the order of the fields and the highest fee', () => {
    const store = new SubmissionStore(new MemoryStore(), 'mina');
    const { key } = store.prepare(transfer({ sender_label: 'rent', most_fee: 0 }));
    const reordered = { sender_label: 'rent', amount: 5, to: '2', from: '1', most_fee: 500 };
    expect(store.prepare({ ...transfer({}), body: reordered }).key).toBe(key);
    expect(store.prepare({ ...transfer({ sender_label: 'rent' }), subject: {} }).key).toBe(key);
    for (const other of [
      transfer({ sender_label: 'Rent' }),
      transfer({}),
      transfer({ sender_label: 'rent', amount: 6 }),
      { ...transfer({ sender_label: 'rent' }), path: '/holds' },
    ]) {
      expect(store.prepare(other).key).not.toBe(key);
    }
  });
});

describe('the storage', () => {
  it('ignores entries that are damaged or stored under another key', () => {
    const entries = new MemoryStore();
    const store = new SubmissionStore(entries, 'mina');
    const submission = store.prepare(REQUESTS.transfer(1));
    entries.setItem('jangbu.submission.mina.aa', '{');
    entries.setItem('jangbu.submission.mina.bb', JSON.stringify(submission));
    entries.setItem('jangbu.submission.mina.cc', JSON.stringify({ ...submission, key: 'cc', member: 'joon' }));
    entries.setItem('jangbu.submission.mina.dd', 'null');
    expect(store.unresolved()).toEqual([submission]);
  });
});
