import type { Problem } from './types';

/** What a request ended in when it did not do what was asked: by the service's word, or because none came. */
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
   * Whether asking again would be answered the same. 5xx and 429 do not say so; neither does a lost connection. What became of
   * an order that was sent is another question, for `src/send/orders.ts`.
   */
  get isPermanent(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 429 && this.status !== 408;
  }
}

/** The failure of a connection over which no answer came. */
export const connectionLost = () => new ApiError({ status: 0, code: 'connection_lost' });

export const toApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError({ status: 0, code: 'unexpected', detail: String(error) });
