import { ApiError } from '../api/apiError';
import { isSameRequest, type Outcome, OutcomeUnknown, outcomeOf, type Submission } from './lifecycle';
import type { Draft } from './requests';

/** The part of `Storage` that is used: the browser's, or memory. */
export type KeyValueStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export type SendRequest = (submission: Submission) => Promise<unknown>;

/** The error of a request that belongs to another member than the one who is signed in. */
export const otherMemberError = () => new ApiError({ status: 412, code: 'other_member' });

const PREFIX = 'jangbu.submission.';

/** Makes a random key. `crypto.randomUUID` is missing on pages that are served over plain http. */
const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');

/** The submissions of one member in one browser, each in an entry of its own so that tabs do not overwrite each other's. */
export class SubmissionStore {
  readonly #store: KeyValueStore;
  readonly #member: string;
  readonly #now: () => number;

  constructor(store: KeyValueStore, member: string, now: () => number = Date.now) {
    this.#store = store;
    this.#member = member;
    this.#now = now;
  }

  #entry = (key: string) => `${PREFIX}${this.#member}.${key}`;

  #read(entry: string): Submission | null {
    try {
      const found = JSON.parse(this.#store.getItem(entry) ?? 'null') as Submission | null;
      const isIntact = found?.member === this.#member && this.#entry(found.key) === entry;
      return isIntact && typeof found.path === 'string' ? found : null;
    } catch {
      return null;
    }
  }

  /** Returns the submissions without a final answer, oldest first. */
  unresolved(): Submission[] {
    const prefix = this.#entry('');
    return Array.from({ length: this.#store.length }, (_, at) => this.#store.key(at) ?? '')
      .filter(entry => entry.startsWith(prefix))
      .map(entry => this.#read(entry))
      .filter(submission => submission !== null)
      .sort((a, b) => a.createdAt - b.createdAt);
  }

  find = (key: string): Submission | null => this.#read(this.#entry(key));

  /** Returns the unresolved submission of the same request, or stores a new one under a new key. */
  prepare(draft: Draft): Submission {
    const same = this.unresolved().find(one => isSameRequest(one, draft));
    if (same) return same;
    const submission = { ...draft, key: newKey(), member: this.#member, createdAt: this.#now(), attempts: 0 };
    this.#store.setItem(this.#entry(submission.key), JSON.stringify(submission));
    return submission;
  }

  /** Removes a submission whose outcome is known. */
  forget(key: string) {
    this.#store.removeItem(this.#entry(key));
  }

  /** Makes one attempt under the submission's key, and forgets the submission when the answer is final. */
  async send<T>(submission: Submission, request: SendRequest): Promise<Outcome<T>> {
    // Not even stored, because the entry would be the other member's.
    if (submission.member !== this.#member) return { kind: 'unknown', error: new OutcomeUnknown(otherMemberError()) };
    // Another tab may have sent it meanwhile, or even have got its answer: then it is stored again for this attempt.
    const previousAttempts = Math.max(submission.attempts, this.find(submission.key)?.attempts ?? 0);
    const attempt = { ...submission, attempts: previousAttempts + 1 };
    try {
      this.#store.setItem(this.#entry(submission.key), JSON.stringify(attempt));
      const answer = (await request(attempt)) as T;
      this.forget(submission.key);
      return { kind: 'answered', answer };
    } catch (cause) {
      const outcome = outcomeOf(cause, previousAttempts);
      if (outcome.kind === 'refused') this.forget(submission.key);
      return outcome;
    }
  }
}
