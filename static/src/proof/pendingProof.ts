/** Proofs that the service requires, shared between the requests and the dialog. */
import { type ApiError, toApiError } from '../api/apiError';

/** What a proof consists of. */
export type Factor = 'password' | 'totp';

export interface PendingProof {
  factors: readonly Factor[];
  /** Reports whether the proof was given. If so, the request is repeated. */
  settle: (given: boolean) => void;
}

let wanted: PendingProof | null = null;
let answer: Promise<boolean> | null = null;
let shown = 0;
const listeners = new Set<() => void>();

function set(next: PendingProof | null) {
  wanted = next;
  for (const listener of listeners) listener();
}

/**
 * Asks for a proof after a request was rejected without one. Requests at the same time share one dialog. Resolves to
 * `false` when the member cancels, and on pages without the dialog.
 */
export function requestProof(failure: ApiError): Promise<boolean> {
  if (shown === 0) return Promise.resolve(false);
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
  current: () => wanted,
  /** Subscribes the dialog. From then on proofs are asked for. */
  subscribe(listener: () => void) {
    shown += 1;
    listeners.add(listener);
    return () => {
      shown -= 1;
      listeners.delete(listener);
      if (shown === 0) wanted?.settle(false);
    };
  },
};

/** Returns whether a failed proof means that the session is over or another member's. */
export const isSessionOver = (error: unknown) => [401, 412].includes(toApiError(error).status);
