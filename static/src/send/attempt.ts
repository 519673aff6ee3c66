/**
 * The life of an order: its idempotency key is made and stored before the first attempt, survives a reload, a lost
 * connection and another tab's closing, and is released only by a definite answer. As long as it lives, trying again is
 * the same order, which the bank carries out at most once.
 */
import { asFailure, type Failure } from '../api/problem';
import type { Transfer, TransferOrder } from '../api/types';

export interface Attempt {
  key: string;
  order: TransferOrder;
  /** Whose order it is: another member on the same browser must not meet it. */
  member: string;
  started: string;
}

export type Outcome =
  | { kind: 'answered'; transfer: Transfer }
  | { kind: 'refused'; failure: Failure }
  /** Nothing definite came: the order may have been carried out. Its key is kept. */
  | { kind: 'unknown'; failure: Failure };

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const NAME = 'jangbu.attempt.';

/** A random key; `crypto.randomUUID` is missing where the page came by plain http. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
}

const same = (a: TransferOrder, b: TransferOrder) =>
  a.from === b.from && a.to === b.to && a.amount === b.amount &&
  (a.sender_label ?? '') === (b.sender_label ?? '') && (a.receiver_label ?? '') === (b.receiver_label ?? '');

export class Attempts {
  readonly #store: Store;
  readonly #member: string;

  constructor(store: Store, member: string) {
    this.#store = store;
    this.#member = member;
  }

  /** The order that has no definite answer yet, if any. */
  open(): Attempt | null {
    try {
      const found = JSON.parse(this.#store.getItem(NAME + this.#member) ?? 'null') as Attempt | null;
      return found?.member === this.#member && found.key ? found : null;
    } catch {
      return null;
    }
  }

  /** The attempt at an order: the open one when it is the same order, else a new one with a new key, stored at once. */
  begin(order: TransferOrder): Attempt {
    const open = this.open();
    if (open && same(open.order, order)) return open;
    const attempt = { key: newKey(), order, member: this.#member, started: new Date().toISOString() };
    this.#store.setItem(NAME + this.#member, JSON.stringify(attempt));
    return attempt;
  }

  /** Forgets an attempt; only of that key, which another tab may have replaced. */
  release(key: string) {
    if (this.open()?.key === key) this.#store.removeItem(NAME + this.#member);
  }

  /** Sends an attempt and releases it when the answer is definite. */
  async send(attempt: Attempt, post: (order: TransferOrder, key: string) => Promise<Transfer>): Promise<Outcome> {
    try {
      const transfer = await post(attempt.order, attempt.key);
      this.release(attempt.key);
      return { kind: 'answered', transfer };
    } catch (error) {
      const failure = asFailure(error);
      // Signed out is definite about nothing but the session: the order waits until its member is back.
      if (!failure.definite || failure.status === 401) return { kind: 'unknown', failure };
      this.release(attempt.key);
      return { kind: 'refused', failure };
    }
  }
}
