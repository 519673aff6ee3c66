/**
 * The life cycle of a request that must take effect at most once, the same for every form:
 *
 *     draft ─▶ prepared ─▶ sent ─┬─▶ answered   its key is forgotten
 *                           ▲    ├─▶ refused    its key is forgotten
 *                           │    └─▶ unknown    its key is kept
 *                           └──────────┘ retry
 *
 * A submission is prepared once: it gets a random idempotency key and is stored with it before the first attempt. Only a final
 * answer removes it. Until then it survives a closed dialog, a reload and a lost connection, and a retry sends the same request
 * under the same key, which the bank carries out at most once.
 */
import { ApiError, toApiError } from '../api/apiError';
import type { Draft } from './requests';

/** A request with its key. */
export interface Submission extends Draft {
  key: string;
  /** Whose it is. Another member in the same browser must not see or send it. */
  member: string;
  /** In milliseconds since 1970. */
  createdAt: number;
  /** How often it was sent. From 1 on the bank may have carried it out. */
  attempts: number;
}

export type Outcome<T> =
  | { kind: 'answered'; answer: T }
  | { kind: 'refused'; error: ApiError }
  /** The request may have been carried out. */
  | { kind: 'unknown'; error: ApiError };

/** The error of a request whose outcome is unknown. */
export class OutcomeUnknown extends ApiError {
  constructor({ status, code, message, requestId, retryAfter }: ApiError) {
    super({ status, code, detail: message, request_id: requestId ?? undefined }, retryAfter);
    this.name = 'OutcomeUnknown';
  }
}

/**
 * Statuses that leave the outcome of a request open: nobody or somebody else is signed in (401, 412), the caller may not do or
 * see it (403, 404), or the service did not handle it (408, 425, 429).
 */
const INCONCLUSIVE = new Set([401, 403, 404, 408, 412, 425, 429]);

/** Codes of requirements that the service checks before anything else, so that a first attempt did nothing. */
const REQUIREMENTS = new Set(['proof_required', 'session_required', 'second_factor_required', 'totp_due']);

/**
 * Returns whether an error is the final answer to a request that was sent `previousAttempts` times before.
 *
 * A first attempt that was rejected did nothing. A later one says only what the service thinks of the repetition, while the
 * first may have been carried out. The ledger's refusals (422) are final at any attempt, because the service finds them by the key.
 */
export function isFinal({ status, code }: ApiError, previousAttempts: number): boolean {
  if (REQUIREMENTS.has(code)) return previousAttempts === 0;
  if (status < 400 || status >= 500 || INCONCLUSIVE.has(status) || code === 'id_reused') return false;
  return previousAttempts === 0 || status === 422;
}

/** Returns the outcome of an attempt that failed. */
export function outcomeOf(cause: unknown, previousAttempts: number): Exclude<Outcome<never>, { kind: 'answered' }> {
  const error = toApiError(cause);
  return isFinal(error, previousAttempts)
    ? { kind: 'refused', error }
    : { kind: 'unknown', error: new OutcomeUnknown(error) };
}

/** The highest fee that the sender agreed to: a retry with another one is still the same transfer. */
const IGNORED_FIELDS = new Set(['most_fee']);

/** Serializes a body so that the order of its fields does not matter. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (name, field: unknown) => {
    if (IGNORED_FIELDS.has(name)) return undefined;
    if (field === null || typeof field !== 'object' || Array.isArray(field)) return field;
    return Object.fromEntries(
      Object.entries(field)
        .filter(([, one]) => one !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  });

/** Returns whether two drafts are the same request. */
export const isSameRequest = (a: Draft, b: Draft) =>
  a.kind === b.kind && a.path === b.path && canonical(a.body) === canonical(b.body);
