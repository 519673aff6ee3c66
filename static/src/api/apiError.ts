import type { Problem } from './types';

/** The error of a request: an error response of the service, or no response. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly figures: Record<string, unknown>;
  readonly fields: { field: string; code: string; detail: string }[];
  readonly requestId: string | null;
  readonly retryAfter: number | null;

  constructor(problem: Partial<Problem> & { status: number; code: string }, retryAfter: number | null = null) {
    super(problem.detail ?? problem.code);
    this.name = 'Failure';
    this.status = problem.status;
    this.code = problem.code;
    this.figures = problem.figures ?? {};
    this.fields = problem.errors ?? [];
    this.requestId = problem.request_id ?? null;
    this.retryAfter = retryAfter;
  }

  /**
   * Whether a retry would be answered the same. Not so for 5xx, 408, 429 and a lost connection. The outcome of a
   * submission is a different question: see `isFinal` in `src/submissions/lifecycle.ts`.
   */
  get isPermanent(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 429 && this.status !== 408;
  }
}

/** Returns the error of a request that was not answered. */
export const connectionLost = () => new ApiError({ status: 0, code: 'connection_lost' });

export const toApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError({ status: 0, code: 'unexpected', detail: String(error) });
