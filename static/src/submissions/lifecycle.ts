/**
 * The life of an order, the same for every form:
 *
 *     begun ──sent──▶ open ──answered──▶ over
 *                      │ ▲└──refused───▶ over
 *                      └─┘ anything else: its key is kept
 *
 * An order's key is made and stored before the first attempt, in a place of its own. It survives a closed dialog, a reload, a
 * lost connection and what other tabs send, and is let go by a definite answer alone. As long as it lives, trying again is the
 * same order, which the bank carries out at most once.
 */
import { ApiError, toApiError } from '../api/apiError';
import type { Draft } from './requests';

export interface Submission extends Draft {
  key: string;
  /** Whose order it is: another member on the same browser must not meet it. */
  member: string;
  /** When it was begun, in milliseconds since 1970. */
  createdAt: number;
  /** How often it was sent. */
  attempts: number;
}

export type Outcome<T> =
  | { kind: 'answered'; answer: T }
  | { kind: 'refused'; failure: ApiError }
  /** Nothing definite came: the order may have been carried out. Its key is kept. */
  | { kind: 'open'; failure: ApiError };

/** Where orders are kept, and where the member who is signed in is known. */
export type KeyValueStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export type SendRequest = (order: Submission) => Promise<unknown>;

/** A failure that does not say what became of the order. */
export class OutcomeUnknown extends ApiError {
  constructor({ status, code, message, requestId, retryAfter }: ApiError) {
    super({ status, code, detail: message, request_id: requestId ?? undefined }, retryAfter);
    this.name = 'Unanswered';
  }
}

/** The failure of what is another member's than the one who is signed in. */
export const otherMemberError = () => new ApiError({ status: 412, code: 'other_member' });

const NAME = 'jangbu.order.';

/**
 * Statuses that do not say what became of an order: nobody or somebody else is signed in (401, 412), whoever is may not do or
 * see it (403, 404), or it was not looked at (408, 425, 429).
 */
const UNDECIDED = new Set([401, 403, 404, 408, 412, 425, 429]);

/**
 * What of a status that does not say what became of an order does say it: it needs a proof, a session or a second factor first,
 * which the service looks at before anything else.
 */
const NOT_BEGUN = new Set(['proof_required', 'session_required', 'second_factor_required', 'totp_due']);

/**
 * Whether a failure is the last word on an order that was sent `before` that often. What was sent once may have been carried
 * out, and then only the ledger's own refusal (422), which the service looks up by the key, is about the order itself.
 */
export function isFinal({ status, code }: ApiError, before: number): boolean {
  if (NOT_BEGUN.has(code)) return before === 0;
  if (status < 400 || status >= 500 || UNDECIDED.has(status) || code === 'id_reused') return false;
  return before === 0 || status === 422;
}

/** A random key; `crypto.randomUUID` is missing where the page came by plain http. */
const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');

/** What does not make another order of it: the most that one agreed to pay as its fee. */
const ASIDE = new Set(['most_fee']);

/** A text that is the same for the same order, in whatever sequence its fields are. */
const content = (value: unknown): string =>
  JSON.stringify(value, (name, field: unknown) => {
    if (ASIDE.has(name)) return undefined;
    if (field === null || typeof field !== 'object' || Array.isArray(field)) return field;
    return Object.fromEntries(
      Object.entries(field)
        .filter(([, one]) => one !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  });

const isSame = (a: Draft, b: Draft) => a.kind === b.kind && a.path === b.path && content(a.body) === content(b.body);

/** The orders of one member in one browser. */
export class SubmissionStore {
  readonly #store: KeyValueStore;
  readonly #member: string;
  readonly #now: () => number;

  constructor(store: KeyValueStore, member: string, now: () => number = Date.now) {
    this.#store = store;
    this.#member = member;
    this.#now = now;
  }

  #place = (key: string) => `${NAME}${this.#member}.${key}`;

  #read(place: string): Submission | null {
    try {
      const found = JSON.parse(this.#store.getItem(place) ?? 'null') as Submission | null;
      return found?.member === this.#member && this.#place(found.key) === place && typeof found.path === 'string'
        ? found
        : null;
    } catch {
      return null;
    }
  }

  /** The orders that have no definite answer yet, oldest first. */
  unresolved(): Submission[] {
    const begin = this.#place('');
    const places = Array.from({ length: this.#store.length }, (_, at) => this.#store.key(at) ?? '').filter(place =>
      place.startsWith(begin),
    );
    return places
      .map(place => this.#read(place))
      .filter(order => order !== null)
      .sort((a, b) => a.createdAt - b.createdAt);
  }

  /** The order of that key as it stands. */
  find = (key: string): Submission | null => this.#read(this.#place(key));

  /** The order to send: the open one when it is the same, else a new one under a new key, stored at once. */
  prepare(draft: Draft): Submission {
    const open = this.unresolved().find(order => isSame(order, draft));
    if (open) return open;
    const order = { ...draft, key: newKey(), member: this.#member, createdAt: this.#now(), attempts: 0 };
    this.#store.setItem(this.#place(order.key), JSON.stringify(order));
    return order;
  }

  /** Forgets an order, of which the bank has said what became of it, or whoever gave it knows. */
  forget(key: string) {
    this.#store.removeItem(this.#place(key));
  }

  /** Sends an order under its key, and lets go of it when the answer is definite. */
  async send<T>(order: Submission, post: SendRequest): Promise<Outcome<T>> {
    // Another tab may have sent it meanwhile, and even have had the answer: then it is stored again for this attempt.
    const before = Math.max(order.attempts, this.find(order.key)?.attempts ?? 0);
    const sending = { ...order, attempts: before + 1 };
    // Not even kept where another member's orders are.
    if (order.member !== this.#member) return { kind: 'open', failure: new OutcomeUnknown(otherMemberError()) };
    try {
      this.#store.setItem(this.#place(order.key), JSON.stringify(sending));
      const answer = (await post(sending)) as T;
      this.forget(order.key);
      return { kind: 'answered', answer };
    } catch (error) {
      const failure = toApiError(error);
      if (!isFinal(failure, before)) return { kind: 'open', failure: new OutcomeUnknown(failure) };
      this.forget(order.key);
      return { kind: 'refused', failure };
    }
  }
}
