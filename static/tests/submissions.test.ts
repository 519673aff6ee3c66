import { beforeEach, describe, expect, it } from 'vitest';
import { connectionLost, Failure } from '../src/api/apiError';
import { isLastWord, type Order, Orders, type Store, Unanswered } from '../src/submissions/lifecycle';
import { type Draft, memberForms, staffForms } from '../src/submissions/requests';

class Kept implements Store {
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
const FORMS: Record<keyof typeof memberForms | keyof typeof staffForms, (amount: number) => Draft> = {
  transfer: amount => memberForms.transfer({ from: '1', to: '2', amount }, about),
  schedule: amount =>
    memberForms.schedule({ from: '1', to: '2', amount, rule: { every: 'day', time: '09:00' } }, about),
  account: amount => memberForms.account(`type-${amount}`, about),
  deposit: amount => staffForms.deposit({ to: '2', amount }, about),
  withdrawal: amount => staffForms.withdrawal({ from: '1', amount }, about),
  hold: amount => staffForms.hold({ from: '1', to: '2', amount }, about),
  linked: amount => staffForms.linked({ steps: [{ type: 'transfer', from: '1', to: '2', amount }] }, about),
  settlement: amount => staffForms.settlement('h', { amount, final: true }, about),
  release: amount => staffForms.release('h', { reason: String(amount) }, about),
  reversal: amount => staffForms.reversal('t', { amount }, about),
  opening: amount => staffForms.opening({ owner: 'o', type: 'basic', overdraft: amount }, about),
  type: amount => staffForms.type({ code: `t${amount}` }, about),
  member: amount => staffForms.member({ username: `m${amount}` }, about),
};

const failing = (status: number, code: string) => () => Promise.reject(new Failure({ status, code }));

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
  let orders: Orders;
  /** Another tab, or the same one after a reload or a closed dialog: nothing is shared but the store. */
  const elsewhere = (member = 'mina') => new Orders(store, member);
  beforeEach(() => {
    store = new Kept();
    orders = elsewhere();
  });

  it('has its key stored before anything is sent, and is over when it is answered', async () => {
    const order = orders.begin(form(1));
    expect(order.key).toMatch(/^[0-9a-f]{32}$/);
    const post = (sent: Order) => {
      expect(elsewhere().find(order.key)).toMatchObject({ key: sent.key, body: form(1).body, sent: 1 });
      return Promise.resolve({ id: 'x' });
    };
    expect(await orders.send(order, post)).toEqual({ kind: 'answered', answer: { id: 'x' } });
    expect(elsewhere().open()).toEqual([]);
    // The same order again is one more.
    expect(orders.begin(form(1)).key).not.toBe(order.key);
  });

  it.each(ANSWERS)(
    'that is answered %d %s is %s at first, and %s once it may have been carried out',
    async (status, code, first, again) => {
      const order = orders.begin(form(1));
      expect((await orders.send(order, failing(status, code))).kind).toBe(first);
      expect(
        elsewhere()
          .open()
          .map(({ key }) => key),
      ).toEqual(first === 'open' ? [order.key] : []);

      const lost = orders.begin(form(2));
      const unknown = await orders.send(lost, () => Promise.reject(connectionLost()));
      expect(unknown).toMatchObject({ kind: 'open', failure: expect.any(Unanswered) as unknown });
      const found = elsewhere()
        .open()
        .find(({ key }) => key === lost.key)!;
      expect((await elsewhere().send(found, failing(status, code))).kind).toBe(again);
      expect(elsewhere().find(lost.key) !== null).toBe(again === 'open');
    },
  );

  it('keeps its key over a lost answer, a closed dialog and a reload', async () => {
    const order = orders.begin(form(1));
    await orders.send(order, () => Promise.reject(connectionLost()));
    const keys: string[] = [];
    const found = elsewhere().begin(form(1));
    await elsewhere().send(found, ({ key }) => {
      keys.push(key);
      return Promise.resolve({});
    });
    expect(keys).toEqual([order.key]);
    expect(elsewhere().open()).toEqual([]);
  });

  it('that was cut off by a reload before any answer counts as sent', async () => {
    void orders.send(orders.begin(form(1)), () => new Promise(() => {}));
    const [found] = elsewhere().open();
    expect((await elsewhere().send(found!, failing(409, 'username_taken'))).kind).toBe('open');
  });

  it('is not overwritten by one of another tab, nor let go by its answer', async () => {
    const mine = orders.begin(form(1));
    await orders.send(mine, () => Promise.reject(connectionLost()));
    const theirs = elsewhere().begin(form(2));
    expect(theirs.key).not.toBe(mine.key);
    await elsewhere().send(theirs, () => Promise.reject(connectionLost()));
    expect(
      orders
        .open()
        .map(({ key }) => key)
        .sort(),
    ).toEqual([mine.key, theirs.key].sort());
    await elsewhere().send(theirs, () => Promise.resolve({}));
    expect(orders.open().map(({ key }) => key)).toEqual([mine.key]);
  });

  it('is the same in two tabs, and over in both', async () => {
    const mine = orders.begin(form(1));
    const theirs = elsewhere().begin(form(1));
    expect(theirs.key).toBe(mine.key);
    await elsewhere().send(theirs, () => Promise.resolve({}));
    // The one that comes later is told what the first one was told.
    expect((await orders.send(mine, () => Promise.resolve({}))).kind).toBe('answered');
    expect(orders.open()).toEqual([]);
  });

  it('is not met by another member, whose same order is another', async () => {
    const mine = orders.begin(form(1));
    expect(elsewhere('joon').open()).toEqual([]);
    expect(elsewhere('joon').begin(form(1)).key).not.toBe(mine.key);
    expect(orders.open()).toEqual([mine]);
    // Not even one whose id begins alike.
    expect(elsewhere('min').open()).toEqual([]);
    // Nor is it sent by another, or kept among the other's.
    const post = () => Promise.reject(new Error('sent'));
    expect(await elsewhere('joon').send(mine, post)).toMatchObject({ kind: 'open', failure: { code: 'other_member' } });
    expect(orders.open()).toEqual([mine]);
    expect(elsewhere('joon').open()).toHaveLength(1);
  });
});

describe('what makes it the same order', () => {
  const transfer = (body: object) => memberForms.transfer({ from: '1', to: '2', amount: 5, ...body }, about);
  it('is its content, in whatever sequence, but for what one agreed to pay at most', () => {
    const orders = new Orders(new Kept(), 'mina');
    const { key } = orders.begin(transfer({ sender_label: 'rent', most_fee: 0 }));
    expect(
      orders.begin({ ...transfer({}), body: { sender_label: 'rent', amount: 5, to: '2', from: '1', most_fee: 500 } })
        .key,
    ).toBe(key);
    expect(orders.begin({ ...transfer({ sender_label: 'rent' }), about: {} }).key).toBe(key);
    for (const other of [
      transfer({ sender_label: 'Rent' }),
      transfer({}),
      transfer({ sender_label: 'rent', amount: 6 }),
      { ...transfer({ sender_label: 'rent' }), path: '/holds' },
    ]) {
      expect(orders.begin(other).key).not.toBe(key);
    }
  });

  it('says for the ledger’s word alone that an order that was sent is over', () => {
    const definite = ANSWERS.filter(([status, code]) => isLastWord(new Failure({ status, code }), 1));
    expect(definite.map(([status]) => status)).toEqual([422]);
  });
});

describe('what is kept', () => {
  it('is nothing when it is damaged, or under another name than its own', () => {
    const store = new Kept();
    const orders = new Orders(store, 'mina');
    const order = orders.begin(FORMS.transfer(1));
    store.setItem('jangbu.order.mina.aa', '{');
    store.setItem('jangbu.order.mina.bb', JSON.stringify(order));
    store.setItem('jangbu.order.mina.cc', JSON.stringify({ ...order, key: 'cc', member: 'joon' }));
    store.setItem('jangbu.order.mina.dd', 'null');
    expect(orders.open()).toEqual([order]);
  });
});
