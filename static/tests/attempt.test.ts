import { beforeEach, describe, expect, it } from 'vitest';
import { connectionLost, Failure } from '../src/api/problem';
import type { Transfer } from '../src/api/types';
import { Attempts } from '../src/send/attempt';

class Store {
  readonly kept = new Map<string, string>();
  getItem = (name: string) => this.kept.get(name) ?? null;
  setItem = (name: string, value: string) => void this.kept.set(name, value);
  removeItem = (name: string) => void this.kept.delete(name);
}

const order = { from: '1', to: '2', amount: 10_000 };
const transfer = { id: 't', status: 'posted' } as Transfer;
const failing = (status: number, code: string) => () => Promise.reject(new Failure({ status, code }));

describe('the key of an order', () => {
  let store: Store;
  let attempts: Attempts;
  beforeEach(() => {
    store = new Store();
    attempts = new Attempts(store, 'mina');
  });

  it('is stored before anything is sent', async () => {
    const attempt = attempts.begin(order);
    let seen: string | undefined;
    await attempts.send(attempt, (_, key) => {
      seen = new Attempts(store, 'mina').open()?.key;
      expect(seen).toBe(key);
      return Promise.resolve(transfer);
    });
    expect(seen).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is the same for the same order, over a reload too', () => {
    const first = attempts.begin(order).key;
    expect(attempts.begin({ ...order, sender_label: '' }).key).toBe(first);
    expect(new Attempts(store, 'mina').begin(order).key).toBe(first);
  });

  it('is another for another order', () => {
    const first = attempts.begin(order).key;
    expect(attempts.begin({ ...order, amount: 10_001 }).key).not.toBe(first);
  });

  it('is not met by another member on the same browser', () => {
    attempts.begin(order);
    expect(new Attempts(store, 'joon').open()).toBeNull();
  });

  it('is released by an answer', async () => {
    expect((await attempts.send(attempts.begin(order), () => Promise.resolve(transfer))).kind).toBe('answered');
    expect(attempts.open()).toBeNull();
  });

  it.each([[422, 'insufficient_funds'], [409, 'id_reused'], [400, 'invalid_request'], [403, 'not_allowed'], [404, 'not_found']])('is released by a definite refusal: %d', async (status, code) => {
    expect((await attempts.send(attempts.begin(order), failing(status, code))).kind).toBe('refused');
    expect(attempts.open()).toBeNull();
  });

  it.each([[500, 'bug'], [503, 'outcome_unknown'], [502, 'http_502'], [429, 'rate_limited'], [408, 'http_408'], [401, 'not_signed_in']])('is kept when it is not known what happened: %d', async (status, code) => {
    const attempt = attempts.begin(order);
    expect((await attempts.send(attempt, failing(status, code))).kind).toBe('unknown');
    expect(attempts.open()).toEqual(attempt);
  });

  it('is kept when the connection is lost, and the next try has the same key', async () => {
    await attempts.send(attempts.begin(order), () => Promise.reject(connectionLost()));
    const keys: string[] = [];
    await attempts.send(attempts.open()!, (_, key) => {
      keys.push(key);
      return Promise.resolve(transfer);
    });
    expect(keys).toHaveLength(1);
    expect(attempts.open()).toBeNull();
  });

  it('is not released by the answer to an older one', () => {
    const first = attempts.begin(order);
    const second = attempts.begin({ ...order, amount: 5 });
    attempts.release(first.key);
    expect(attempts.open()?.key).toBe(second.key);
  });

  it('is nothing when what is stored is damaged', () => {
    store.setItem('jangbu.attempt.mina', '{');
    expect(attempts.open()).toBeNull();
  });
});
