/** Proofs that the service asks for, between who sends requests and the dialog in which they are given. */
import { type ApiError, toApiError } from '../api/apiError';

/** What a proof takes. */
export type Factor = 'password' | 'totp';

export interface PendingProof {
  factors: readonly Factor[];
  /** Says whether it was given: then the request that it is for is sent again. */
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
 * Whether the member has proven to be there, for a request that was refused without a proof. Several requests at once share
 * one dialog. `false` where it was called off, and where no page shows a dialog.
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
  /** For the dialog: from now on proofs are asked for. */
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

/** Whether a failed proof says that there is nothing to prove any more: the session is over, or another member's. */
export const isSessionOver = (error: unknown) => [401, 412].includes(toApiError(error).status);
