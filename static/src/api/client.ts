import { send } from './http';
import type {
  Account, AccountType, Entry, Hold, List, Member, Meta, Payee, Quote, Schedule, Scope, Session, SessionState, Token, Transfer,
} from './types';

export interface TransferOrder {
  from: string;
  to: string;
  amount: number;
  sender_label?: string;
  receiver_label?: string;
}

export type ScheduleOrder = TransferOrder & { rule: Record<string, unknown>; starts_on?: string };

const segment = encodeURIComponent;

/** The API, one function per route that the dashboard uses. */
export const api = {
  meta: () => send<Meta>('GET', '/meta'),

  signUp: (body: { username: string; password: string; name: string; email: string }) =>
    send<Member>('POST', '/members', { body }),
  session: () => send<SessionState>('GET', '/session'),
  signIn: (body: { username: string; password: string; totp?: string; recovery_code?: string }) =>
    send<SessionState>('POST', '/session', { body }),
  signOut: () => send<void>('DELETE', '/session'),
  sessions: () => send<List<Session>>('GET', '/sessions'),
  revokeSession: (id: string) => send<void>('DELETE', `/sessions/${segment(id)}`),

  changeMe: (body: { name?: string; email?: string }) => send<Member>('PATCH', '/me', { body }),
  changePassword: (body: { current: string; new: string }) => send<void>('POST', '/me/password', { body }),
  beginTotp: () => send<{ secret: string; uri: string }>('POST', '/me/totp', { body: { action: 'begin' } }),
  confirmTotp: (code: string) =>
    send<{ recovery_codes: string[] }>('POST', '/me/totp', { body: { action: 'confirm', code } }),
  disableTotp: (password: string, code: string) =>
    send<void>('POST', '/me/totp', { body: { action: 'disable', password, code } }),
  tokens: () => send<List<Token>>('GET', '/me/tokens'),
  createToken: (body: { name: string; scopes: Scope[]; expires_at: string }) =>
    send<Token & { token: string }>('POST', '/me/tokens', { body }),
  revokeToken: (id: string) => send<void>('DELETE', `/me/tokens/${segment(id)}`),

  accounts: () => send<List<Account>>('GET', '/accounts', { query: { limit: 200 } }),
  account: (number: string) => send<Account>('GET', `/accounts/${segment(number)}`),
  accountTypes: () => send<List<AccountType>>('GET', '/account-types'),
  openAccount: (type: string, key: string) => send<Account>('POST', '/accounts', { body: { type }, key }),
  entries: (number: string, query: { cursor?: string; limit?: number; from?: string; to?: string }) =>
    send<List<Entry>>('GET', `/accounts/${segment(number)}/entries`, { query }),
  holds: (number: string) => send<List<Hold>>('GET', `/accounts/${segment(number)}/holds`, { query: { limit: 200 } }),

  payee: (number: string, signal?: AbortSignal) => send<Payee>('GET', `/payees/${segment(number)}`, { signal }),
  recentPayees: () => send<List<Payee>>('GET', '/me/payees'),
  quote: (body: { from: string; to: string; amount: number }, signal?: AbortSignal) =>
    send<Quote>('POST', '/quotes', { body, signal }),

  transfer: (body: TransferOrder, key: string) => send<Transfer>('POST', '/transfers', { body, key }),
  transferById: (id: string) => send<Transfer>('GET', `/transfers/${segment(id)}`),
  transfers: (query: Record<string, string | number | undefined>) =>
    send<List<Transfer>>('GET', '/transfers', { query }),
  cancelTransfer: (id: string) => send<Transfer>('POST', `/transfers/${segment(id)}/cancel`),

  schedules: () => send<List<Schedule>>('GET', '/me/schedules', { query: { limit: 200 } }),
  createSchedule: (body: ScheduleOrder, key: string) => send<Schedule>('POST', '/me/schedules', { body, key }),
  steerSchedule: (id: string, action: 'pause' | 'resume' | 'cancel') =>
    send<Schedule>('POST', `/me/schedules/${segment(id)}/${action}`),
};
