import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError, connectionLost } from '../src/api/apiError';
import {
  isFinal,
  type KeyValueStore,
  OutcomeUnknown,
  type Submission,
  SubmissionStore,
} from '../src/submissions/lifecycle';
import { type Draft, memberRequests, staffRequests } from '../src/submissions/requests';

class Kept implements KeyValueStore {
  readonly #kept = new Map<string, string>();
  get length() {
    return this.#kept.size;
  }
  key = (at: number) => [...this.#kept.keys()][at] ?? null;
  getItem = (name: string) => this.#kept.get(name) ?? null;
  setItem = (name: string, value: string) => void this.#kept.set(name, value);
  removeItem = (name: string) => void this.#kept.delete(name);
}

const about = { minor: 10_000, currency: 'KRW', scale: 0, from: '1', to: '2' };
/** One order of every form, and one of the same form that is another. */
const FORMS: Record<keyof typeof memberRequests | keyof typeof staffRequests, (amount: number) => Draft> = {
  transfer: amount => memberRequests.transfer({ from: '1', to: '2', amount }, about),
  schedule: amount =>
    memberRequests.schedule({ from: '1', to: '2', amount, rule: { every: 'day', time: '09:00' } }, about),
  account: amount => memberRequests.account(`type-${amount}`, about),
  deposit: amount => staffRequests.deposit({ to: '2', amount }, about),
  withdrawal: amount => staffRequests.withdrawal({ from: '1', amount }, about),
  hold: amount => staffRequests.hold({ from: '1', to: '2', amount }, about),
  linked: amount => staffRequests.linked({ steps: [{ type: 'transfer', from: '1', to: '2', amount }] }, about),
  settlement: amount => staffRequests.settlement('h', { amount, final: true }, about),
  release: amount => staffRequests.release('h', { reason: String(amount) }, about),
  reversal: amount => staffRequests.reversal('t', { amount }, about),
  opening: amount => staffRequests.opening({ owner: 'o', type: 'basic', overdraft: amount }, about),
  type: amount => staffRequests.type({ code: `t${amount}` }, about),
  member: amount => staffRequests.member({ username: `m${amount}` }, about),
};

const failing = (status: number, code: string) => () => Promise.reject(new ApiError({ status, code }));

/** What an answer means for an order that was never sent before, and for one that was. */
const ANSWERS: [status: number, code: string, first: 'open' | 'refused', again: 'open' | 'refused'][] = [
  [422, 'insufficient_funds', 'refused', 'refused'],
  [400, 'invalid_request', 'refused', 'open'],
  [409, 'username_taken', 'refused', 'open'],
  [410, 'archived', 'refused', 'open'],
  [413, 'too_large', 'refused', 'open'],
  [409, 'id_reused', 'open', 'open'],
  [401, 'not_signed_in', 'open', 'open'],
  [403, 'not_allowed', 'open', 'open'],
  [404, 'not_found', 'open', 'open'],
  [408, 'http_408', 'open', 'open'],
  [412, 'other_member', 'open', 'open'],
  [429, 'rate_limited', 'open', 'open'],
  [500, 'internal', 'open', 'open'],
  [502, 'http_502', 'open', 'open'],
  [503, 'outcome_unknown', 'open', 'open'],
  [503, 'timeout', 'open', 'open'],
  [0, 'connection_lost', 'open', 'open'],
];

describe.each(Object.entries(FORMS))('an order of the form %s', (_, form) => {
  let store: Kept;
  let orders: SubmissionStore;
  /** Another tab, or the same one after a reload or a closed dialog: nothing is shared but the store. */
  const elsewhere = (member = 'mina') => new SubmissionStore(store, member);
  beforeEach(() => {
    store = new Kept();
    orders = elsewhere();
  });

  it('has its key stored before anything is sent, and is over when it is answered', async () => {
    const order = orders.prepare(form(1));
    expect(order.key).toMatch(/^[0-9a-f]{32}$/);
    const post = (sent: Submission) => {
      expect(elsewhere().find(order.key)).toMatchObject({ key: sent.key, body: form(1).body, attempts: 1 });
      return Promise.resolve({ id: 'x' });
    };
    expect(await orders.send(order, post)).toEqual({ kind: 'answered', answer: { id: 'x' } });
    expect(elsewhere().unresolved()).toEqual([]);
    // The same order again is one more.
    expect(orders.prepare(form(1)).key).not.toBe(order.key);
  });

  it.each(ANSWERS)(
    'that is answered %d %s is %s at first, and %s once it may have been carried out',
    async (status, code, first, again) => {
      const order = orders.prepare(form(1));
      expect((await orders.send(order, failing(status, code))).kind).toBe(first);
      expect(
        elsewhere()
          .unresolved()
          .map(({ key }) => key),
      ).toEqual(first === 'open' ? [order.key] : []);

      const lost = orders.prepare(form(2));
      const unknown = await orders.send(lost, () => Promise.reject(connectionLost()));
      expect(unknown).toMatchObject({ kind: 'open', failure: expect.any(OutcomeUnknown) as unknown });
      const found = elsewhere()
        .unresolved()
        .find(({ key }) => key === lost.key)!;
      expect((await elsewhere().send(found, failing(status, code))).kind).toBe(again);
      expect(elsewhere().find(lost.key) !== null).toBe(again === 'open');
    },
  );

  it('keeps its key over a lost answer, a closed dialog and a reload', async () => {
    const order = orders.prepare(form(1));
    await orders.send(order, () => Promise.reject(connectionLost()));
    const keys: string[] = [];
    const found = elsewhere().prepare(form(1));
    await elsewhere().send(found, ({ key }) => {
      keys.push(key);
      return Promise.resolve({});
    });
    expect(keys).toEqual([order.key]);
    expect(elsewhere().unresolved()).toEqual([]);
  });

  it('that was cut off by a reload before any answer counts as sent', async () => {
    void orders.send(orders.prepare(form(1)), () => new Promise(() => {}));
    const [found] = elsewhere().unresolved();
    expect((await elsewhere().send(found!, failing(409, 'username_taken'))).kind).toBe('open');
  });

  it('is not overwritten by one of another tab, nor let go by its answer', async () => {
    const mine = orders.prepare(form(1));
    await orders.send(mine, () => Promise.reject(connectionLost()));
    const theirs = elsewhere().prepare(form(2));
    expect(theirs.key).not.toBe(mine.key);
    await elsewhere().send(theirs, () => Promise.reject(connectionLost()));
    expect(
      orders
        .unresolved()
        .map(({ key }) => key)
        .sort(),
    ).toEqual([mine.key, theirs.key].sort());
    await elsewhere().send(theirs, () => Promise.resolve({}));
    expect(orders.unresolved().map(({ key }) => key)).toEqual([mine.key]);
  });

  it('is the same in two tabs, and over in both', async () => {
    const mine = orders.prepare(form(1));
    const theirs = elsewhere().prepare(form(1));
    expect(theirs.key).toBe(mine.key);
    await elsewhere().send(theirs, () => Promise.resolve({}));
    // The one that comes later is told what the first one was told.
    expect((await orders.send(mine, () => Promise.resolve({}))).kind).toBe('answered');
    expect(orders.unresolved()).toEqual([]);
  });

  it('is not met by another member, whose same order is another', async () => {
    const mine = orders.prepare(form(1));
    expect(elsewhere('joon').unresolved()).toEqual([]);
    expect(elsewhere('joon').prepare(form(1)).key).not.toBe(mine.key);
    expect(orders.unresolved()).toEqual([mine]);
    // Not even one whose id begins alike.
    expect(elsewhere('min').unresolved()).toEqual([]);
    // Nor is it sent by another, or kept among the other's.
    const post = () => Promise.reject(new Error('sent'));
    expect(await elsewhere('joon').send(mine, post)).toMatchObject({ kind: 'open', failure: { code: 'other_member' } });
    expect(orders.unresolved()).toEqual([mine]);
    expect(elsewhere('joon').unresolved()).toHaveLength(1);
  });
});

describe('what makes it the same order', () => {
  const transfer = (body: object) => memberRequests.transfer({ from: '1', to: '2', amount: 5, ...body }, about);
  it('is its content, in whatever sequence, but for what one agreed to pay at most', () => {
    const orders = new SubmissionStore(new Kept(), 'mina');
    const { key } = orders.prepare(transfer({ sender_label: 'rent', most_fee: 0 }));
    expect(
      orders.prepare({ ...transfer({}), body: { sender_label: 'rent', amount: 5, to: '2', from: '1', most_fee: 500 } })
        .key,
    ).toBe(key);
    expect(orders.prepare({ ...transfer({ sender_label: 'rent' }), subject: {} }).key).toBe(key);
    for (const other of [
      transfer({ sender_label: 'Rent' }),
      transfer({}),
      transfer({ sender_label: 'rent', amount: 6 }),
      { ...transfer({ sender_label: 'rent' }), path: '/holds' },
    ]) {
      expect(orders.prepare(other).key).not.toBe(key);
    }
  });

  it('says for the ledger’s word alone that an order that was sent is over', () => {
    const definite = ANSWERS.filter(([status, code]) => isFinal(new ApiError({ status, code }), 1));
    expect(definite.map(([status]) => status)).toEqual([422]);
  });
});

describe('what is kept', () => {
  it('is nothing when it is damaged, or under another name than its own', () => {
    const store = new Kept();
    const orders = new SubmissionStore(store, 'mina');
    const order = orders.prepare(FORMS.transfer(1));
    store.setItem('jangbu.order.mina.aa', '{');
    store.setItem('jangbu.order.mina.bb', JSON.stringify(order));
    store.setItem('jangbu.order.mina.cc', JSON.stringify({ ...order, key: 'cc', member: 'joon' }));
    store.setItem('jangbu.order.mina.dd', 'null');
    expect(orders.unresolved()).toEqual([order]);
  });
});
