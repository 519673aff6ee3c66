import createClient from 'openapi-fetch';
import { ApiError, connectionLost, toApiError } from './apiError';
import { fetchApi, fetchJson } from './http';
import type { paths } from './schema';
import type {
  Credentials,
  ProfileChange,
  ProofRequest,
  RecoveryCodes,
  SessionState,
  SetUp,
  SignUp,
  TokenRequest,
  TotpOffer,
} from './types';

// `fetchApi` throws on every error response, so a response always has data.
const service = createClient<paths, 'application/json'>({ fetch: fetchApi });

/** Returns the body of a response. */
async function bodyOf<T>(answer: Promise<{ data?: T }>): Promise<T> {
  try {
    return (await answer).data as T;
  } catch (error) {
    if (error instanceof ApiError || (error instanceof DOMException && error.name === 'AbortError')) throw error;
    // A response that was cut off counts as no response.
    throw error instanceof SyntaxError || error instanceof TypeError ? connectionLost() : toApiError(error);
  }
}

interface EntriesQuery {
  cursor?: string;
  limit?: number;
  from?: string;
  to?: string;
}

/**
 * The API, one function per route that the members' pages use. Requests that create something are in
 * `src/submissions/requests.ts`.
 */
export const api = {
  meta: () => bodyOf(service.GET('/api/v1/meta')),
  setUp: (body: SetUp) => bodyOf(service.POST('/api/v1/setup', { body })),

  signUp: (body: SignUp) => bodyOf(service.POST('/api/v1/members', { body })),
  prove: (body: ProofRequest) => bodyOf(service.POST('/api/v1/session/proof', { body })),
  session: () => bodyOf(service.GET('/api/v1/session')),
  /** Returns the session of the member who is signed in, even if it is not this page's member. */
  anySession: () => fetchJson<SessionState>('GET', '/session', { forAnybody: true }),
  signIn: (body: Credentials) => bodyOf(service.POST('/api/v1/session', { body })),
  signOut: () => bodyOf(service.DELETE('/api/v1/session')),
  sessions: () => bodyOf(service.GET('/api/v1/sessions')),
  revokeSession: (id: string) => bodyOf(service.DELETE('/api/v1/sessions/{id}', { params: { path: { id } } })),

  changeMe: (body: ProfileChange) => bodyOf(service.PATCH('/api/v1/me', { body })),
  changePassword: (body: { current: string; new: string; keep_tokens?: boolean }) =>
    bodyOf(service.POST('/api/v1/me/password', { body })),
  beginTotp: () => bodyOf(service.POST('/api/v1/me/totp', { body: { action: 'begin' } })) as Promise<TotpOffer>,
  confirmTotp: (code: string) =>
    bodyOf(service.POST('/api/v1/me/totp', { body: { action: 'confirm', code } })) as Promise<RecoveryCodes>,
  disableTotp: () => bodyOf(service.POST('/api/v1/me/totp', { body: { action: 'disable' } })),
  tokens: () => bodyOf(service.GET('/api/v1/me/tokens')),
  createToken: (body: TokenRequest) => bodyOf(service.POST('/api/v1/me/tokens', { body })),
  revokeToken: (id: string) => bodyOf(service.DELETE('/api/v1/me/tokens/{id}', { params: { path: { id } } })),

  accounts: () => bodyOf(service.GET('/api/v1/accounts', { params: { query: { limit: 200 } } })),
  account: (number: string) => bodyOf(service.GET('/api/v1/accounts/{number}', { params: { path: { number } } })),
  accountTypes: () => bodyOf(service.GET('/api/v1/account-types')),
  entries: (number: string, query: EntriesQuery) =>
    bodyOf(service.GET('/api/v1/accounts/{number}/entries', { params: { path: { number }, query } })),
  holds: (number: string) =>
    bodyOf(service.GET('/api/v1/accounts/{number}/holds', { params: { path: { number }, query: { limit: 200 } } })),

  payee: (number: string, signal?: AbortSignal) =>
    bodyOf(service.GET('/api/v1/payees/{number}', { params: { path: { number } }, signal })),
  recentPayees: () => bodyOf(service.GET('/api/v1/me/payees')),
  quote: (body: { from: string; to: string; amount: number }, signal?: AbortSignal) =>
    bodyOf(service.POST('/api/v1/quotes', { body, signal })),

  transferById: (id: string, step?: number) =>
    bodyOf(service.GET('/api/v1/transfers/{id}', { params: { path: { id }, query: { step } } })),
  pendingTransfers: () =>
    bodyOf(service.GET('/api/v1/transfers', { params: { query: { status: 'pending', limit: 50 } } })),
  cancelTransfer: (id: string) => bodyOf(service.POST('/api/v1/transfers/{id}/cancel', { params: { path: { id } } })),

  schedules: () => bodyOf(service.GET('/api/v1/me/schedules', { params: { query: { limit: 200 } } })),
  changeSchedule: (id: string, change: 'pause' | 'resume' | 'cancel') =>
    bodyOf(service.POST('/api/v1/me/schedules/{id}/{change}', { params: { path: { id, change } } })),
  scheduleRuns: (id: string) =>
    bodyOf(service.GET('/api/v1/me/schedules/{id}/runs', { params: { path: { id }, query: { limit: 10 } } })),
};
