/** The submissions of the member whose page this is: stored in the browser, sent to the bank, and visible to the pages. */
import { useEffect, useSyncExternalStore } from 'react';
import { ApiError, toApiError } from '../api/apiError';
import { fetchJson } from '../api/http';
import { pageMember } from '../api/pageMember';
import { browserStorage } from './browserStorage';
import { isSameRequest, type Outcome, OutcomeUnknown, type Submission } from './lifecycle';
import type { Draft, RequestKind } from './requests';
import { type KeyValueStore, otherMemberError, type SendRequest, SubmissionStore } from './SubmissionStore';

/** The service times out earlier, so that this is reached only when no answer arrives at all. */
const TIMEOUT_MS = 60_000;

let storage: KeyValueStore | undefined;

const notSignedIn = () => new ApiError({ status: 401, code: 'not_signed_in' });
const earlierUnresolved = () => new ApiError({ status: 409, code: 'earlier_unresolved' });

function currentStore(): SubmissionStore {
  const member = pageMember.id();
  if (member === null) throw notSignedIn();
  storage ??= browserStorage();
  return new SubmissionStore(storage, member);
}

const sendRequest: SendRequest = async ({ path, body, key, member }: Submission) => {
  // The service compares the member too. A page that knows about another one does not even ask.
  if (pageMember.id() !== member || pageMember.other() !== null) throw otherMemberError();
  return fetchJson('POST', path, { body, key, signal: AbortSignal.timeout(TIMEOUT_MS) });
};

const listeners = new Set<() => void>();
/** The keys of submissions that this tab is sending. */
const inFlight = new Set<string>();
/** Why submissions of this tab are still unresolved, by key. */
const lastErrors = new Map<string, ApiError>();
const NONE: readonly Submission[] = [];
let visible: readonly Submission[] = NONE;
/**
 * The keys of the submissions that this tab shows as unresolved: its own, and those that existed when one of its pages was opened.
 * What another tab is sending right now is not among them, so that it does not interrupt a form that is being filled in.
 */
const known = new Set<string>();

/** A first attempt in flight is not shown; a retry stays where it was shown. */
const isVisible = ({ key }: Submission) =>
  known.has(key) && (!inFlight.has(key) || visible.some(one => one.key === key));

function adoptStored() {
  if (pageMember.id() !== null) for (const { key } of currentStore().unresolved()) known.add(key);
  refresh();
}

function refresh() {
  const found = pageMember.id() === null ? NONE : currentStore().unresolved().filter(isVisible);
  const isUnchanged =
    found.length === visible.length &&
    found.every(({ key, attempts }, at) => key === visible[at]?.key && attempts === visible[at]?.attempts);
  if (isUnchanged) return;
  visible = found;
  for (const listener of listeners) listener();
}

async function send<T>(store: SubmissionStore, submission: Submission): Promise<Outcome<T>> {
  inFlight.add(submission.key);
  try {
    const outcome = await store.send<T>(submission, sendRequest);
    known.add(submission.key);
    if (outcome.kind === 'unknown') lastErrors.set(submission.key, outcome.error);
    else lastErrors.delete(submission.key);
    return outcome;
  } finally {
    inFlight.delete(submission.key);
    refresh();
  }
}

/** Returns whether the outcome of a different request of the same scope is still unknown to this tab. */
const isBlocked = (store: SubmissionStore, draft: Draft) =>
  store
    .unresolved()
    .some(
      one => one.scope === draft.scope && (known.has(one.key) || inFlight.has(one.key)) && !isSameRequest(one, draft),
    );

/** Sends a request. The same request again, while its outcome is unknown, is a retry under the same key. */
export async function submit<T>(draft: Draft): Promise<Outcome<T>> {
  let store: SubmissionStore;
  let submission: Submission;
  try {
    store = currentStore();
    // A changed form is not a retry: the request before it may have been carried out, and this one would be the second.
    if (isBlocked(store, draft)) throw earlierUnresolved();
    submission = store.prepare(draft);
  } catch (cause) {
    // Nobody is signed in, an earlier request is unresolved, or the key cannot be stored. Nothing is sent.
    return { kind: 'refused', error: toApiError(cause) };
  }
  return send(store, submission);
}

/** Sends an unresolved submission again. */
export function resubmit<T>(submission: Submission): Promise<Outcome<T>> {
  // The member may have signed out since; the submission is theirs nevertheless.
  if (pageMember.id() === null) return Promise.resolve({ kind: 'unknown', error: new OutcomeUnknown(notSignedIn()) });
  return send(currentStore(), submission);
}

/** Returns why a submission is unresolved, if this tab has sent it. */
export const lastError = ({ key }: Submission): ApiError | null => lastErrors.get(key) ?? null;

/** Forgets an unresolved submission, after the member has looked at what became of it. */
export function discard({ key }: Pick<Submission, 'key'>) {
  currentStore().forget(key);
  refresh();
}

/**
 * Sends a request and returns its answer.
 *
 * @throws {ApiError} when it was refused; an `OutcomeUnknown` when its outcome is unknown.
 */
export async function submitOrThrow<T>(draft: Draft): Promise<T> {
  const outcome = await submit<T>(draft);
  if (outcome.kind === 'answered') return outcome.answer;
  throw outcome.error;
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  addEventListener('storage', refresh);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', refresh);
  };
}

/** Returns the member's submissions of these kinds whose outcome is unknown. */
export function useUnresolved(kinds: readonly RequestKind[]): Submission[] {
  const all = useSyncExternalStore(subscribe, () => visible);
  useEffect(adoptStored, []);
  return all.filter(({ kind, member }) => member === pageMember.id() && kinds.includes(kind));
}
