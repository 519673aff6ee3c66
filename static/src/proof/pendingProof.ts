/** Proofs that the service requires, shared between the requests and the dialog. */
import { type ApiError, toApiError } from '../api/apiError';

/** What a proof consists of. */
export type Factor = 'password' | 'totp';

export interface PendingProof {
  factors: readonly Factor[];
  /** Reports whether the proof was given. If so, the request is repeated. */
  settle: (given: boolean) => void;
}

let pending: PendingProof | null = null;
let answer: Promise<boolean> | null = null;
let dialogs = 0;
const listeners = new Set<() => void>();

function set(next: PendingProof | null) {
  pending = next;
  for (const listener of listeners) listener();
}

/**
 * Asks for a proof after a request was rejected without one. Requests at the same time share one dialog. Resolves to
 * `false` when the member cancels, and on pages without the dialog.
 */
export function requestProof(failure: ApiError): Promise<boolean> {
  if (dialogs === 0) return Promise.resolve(false);
  answer ??= new Promise(resolve => {
    const factors = Array.isArray(failure.figures.factors)
      ? (failure.figures.factors as Factor[])
      : ['password' as const];
    set({
      factors,
      settle: given => {
        answer = null;
        set(null);
        resolve(given);
      },
    });
  });
  return answer;
}

export const pendingProof = {
  current: () => pending,
  /** Subscribes the dialog. From then on proofs are asked for. */
  subscribe(listener: () => void) {
    dialogs += 1;
    listeners.add(listener);
    return () => {
      dialogs -= 1;
      listeners.delete(listener);
      if (dialogs === 0) pending?.settle(false);
    };
  },
};

/** Returns whether a failed proof means that the session is over or another member's. */
export const isSessionOver = (error: unknown) => [401, 412].includes(toApiError(error).status);
