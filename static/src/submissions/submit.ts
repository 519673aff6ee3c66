/** The orders of whoever this tab belongs to: kept in the browser, sent to the bank, and known to the pages. */
import { useEffect, useSyncExternalStore } from 'react';
import { ApiError, toApiError } from '../api/apiError';
import { fetchJson } from '../api/http';
import { pageMember } from '../api/pageMember';
import {
  type KeyValueStore,
  type Outcome,
  OutcomeUnknown,
  otherMemberError,
  type SendRequest,
  type Submission,
  SubmissionStore,
} from './lifecycle';
import type { Draft, RequestKind } from './requests';

/** The service gives up sooner; where nothing comes at all, the answer is not waited for any longer. */
const LONGEST_MS = 60_000;

/** Where a browser keeps nothing, orders live as long as the page. */
class Memory implements KeyValueStore {
  readonly #kept = new Map<string, string>();
  get length() {
    return this.#kept.size;
  }
  key = (at: number) => [...this.#kept.keys()][at] ?? null;
  getItem = (name: string) => this.#kept.get(name) ?? null;
  setItem = (name: string, value: string) => void this.#kept.set(name, value);
  removeItem = (name: string) => void this.#kept.delete(name);
}

function storeOfBrowser(): KeyValueStore {
  try {
    localStorage.setItem('jangbu.kept', '1');
    localStorage.removeItem('jangbu.kept');
    return localStorage;
  } catch {
    return new Memory();
  }
}

let store: KeyValueStore | undefined;

const notSignedIn = () => new ApiError({ status: 401, code: 'not_signed_in' });

/** The orders of the tab's member. */
function ordersHere(): SubmissionStore {
  const member = pageMember.id();
  if (member === null) throw notSignedIn();
  store ??= storeOfBrowser();
  return new SubmissionStore(store, member);
}

const post: SendRequest = async ({ path, body, key, member }) => {
  // The service compares the member as well; of a page that has been told already it does not even hear.
  if (pageMember.id() !== member || pageMember.other() !== null) throw otherMemberError();
  return fetchJson('POST', path, { body, key, signal: AbortSignal.timeout(LONGEST_MS) });
};

const listeners = new Set<() => void>();
/** The keys of what this tab is sending: nobody needs to be told of them yet. */
const underWay = new Set<string>();
/** Why the orders that this tab has sent are still open, by their keys. */
const reasons = new Map<string, ApiError>();
const NONE: readonly Submission[] = [];
let shown: readonly Submission[] = NONE;
/**
 * The keys of the open orders that this tab tells of: those that there were when one of its pages was opened, and its own. What
 * another tab is just sending is not among them, and does not take a form away that is being filled in.
 */
const known = new Set<string>();

/** Whether it is told of: not while it is sent for the first time, but while it is sent again. */
const isTold = ({ key }: Submission) => known.has(key) && (!underWay.has(key) || shown.some(one => one.key === key));

function lookAround() {
  if (pageMember.id() !== null) for (const { key } of ordersHere().unresolved()) known.add(key);
  lookAgain();
}

function lookAgain() {
  const found = pageMember.id() === null ? NONE : ordersHere().unresolved().filter(isTold);
  if (
    found.length === shown.length &&
    found.every(({ key, attempts }, at) => key === shown[at]?.key && attempts === shown[at]?.attempts)
  )
    return;
  shown = found;
  for (const listener of listeners) listener();
}

async function sendHere<T>(orders: SubmissionStore, order: Submission): Promise<Outcome<T>> {
  underWay.add(order.key);
  try {
    const outcome = await orders.send<T>(order, post);
    known.add(order.key);
    if (outcome.kind === 'open') reasons.set(order.key, outcome.failure);
    else reasons.delete(order.key);
    return outcome;
  } finally {
    underWay.delete(order.key);
    lookAgain();
  }
}

/** Sends an order, or again the same one that is still open. */
export async function submit<T>(draft: Draft): Promise<Outcome<T>> {
  let orders: SubmissionStore;
  let order: Submission;
  try {
    orders = ordersHere();
    order = orders.prepare(draft);
  } catch (error) {
    // Nobody is signed in, or the key cannot be kept: then nothing is sent.
    return { kind: 'refused', failure: toApiError(error) };
  }
  return sendHere(orders, order);
}

/** Sends an open order again. */
export function resubmit<T>(order: Submission): Promise<Outcome<T>> {
  // Whoever has signed out meanwhile has given it all the same.
  if (pageMember.id() === null) return Promise.resolve({ kind: 'open', failure: new OutcomeUnknown(notSignedIn()) });
  return sendHere(ordersHere(), order);
}

/** Why it is not known what became of an open order, as far as this tab has heard. */
export const lastError = ({ key }: Submission): ApiError | null => reasons.get(key) ?? null;

/** Forgets an open order. */
export function discard({ key }: Submission) {
  ordersHere().forget(key);
  lookAgain();
}

/**
 * Sends an order.
 *
 * @throws {ApiError} when it was refused; an `Unanswered` when it is not known what became of it.
 */
export async function submitOrThrow<T>(draft: Draft): Promise<T> {
  const outcome = await submit<T>(draft);
  if (outcome.kind === 'answered') return outcome.answer;
  throw outcome.failure;
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  addEventListener('storage', lookAgain);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', lookAgain);
  };
}

/** The orders of these forms that have no definite answer. */
export function useUnresolved(forms: readonly RequestKind[]): Submission[] {
  const all = useSyncExternalStore(subscribe, () => shown);
  useEffect(lookAround, []);
  return all.filter(({ kind, member }) => member === pageMember.id() && forms.includes(kind));
}
