/** The shapes of the API's answers. Amounts are integers in minor units; times RFC 3339 in UTC; dates `YYYY-MM-DD`. */

export type Role = 'member' | 'teller' | 'auditor' | 'admin';

export interface List<T> {
  data: T[];
  has_more: boolean;
  next: string | null;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  request_id: string;
  figures?: Record<string, unknown>;
  errors?: { field: string; code: string; detail: string }[];
}

export interface Meta {
  name: string;
  version: string;
  time_zone: string;
  sign_up: boolean;
  verification: 'none' | 'delay' | 'http';
  currencies: { code: string; scale: number }[];
  totp_issuer: string;
  demo: boolean;
}

export interface Member {
  id: string;
  username: string;
  name: string | null;
  email: string | null;
  role: Role;
  totp: boolean;
  disabled: boolean;
  free_transfers_per_day: number | null;
  joined_at: string;
  version: number;
}

export interface Session {
  id: string;
  created_at: string;
  last_seen_at: string;
  idle_expires_at: string;
  expires_at: string;
  address: string;
  user_agent: string | null;
  current: boolean;
}

export interface SessionState {
  member: Member;
  session: Session;
}

export interface Account {
  number: string;
  owner: { id: string; username?: string; name?: string };
  type: { code: string; name: string };
  currency: string;
  scale: number;
  status: 'open' | 'frozen' | 'closed';
  frozen: { debits: boolean; credits: boolean };
  opened_at: string;
  posted: number;
  held: number;
  available: number;
  pending_in: number;
  overdraft: number;
  limit_per_transfer: number | null;
  limit_per_day: number | null;
  left_today: number | null;
  free_transfers_left: number | null;
  date: string;
  version: number;
  position: number | null;
}

export interface AccountType {
  code: string;
  name: string;
  currency: string;
  scale: number;
  limit_per_transfer: number | null;
  limit_per_day: number | null;
  fee: number;
  version?: number;
}

export interface Entry {
  position: number;
  id: string;
  recorded_at: string;
  date: string;
  kind: string;
  counterparty: string | null;
  counterparty_name?: string | null;
  change: number;
  fee: number;
  balance: number;
  currency: string;
  scale: number;
  label: string | null;
  reference: string | null;
}

export type TransferStatus = 'pending' | 'held' | 'posted' | 'cancelled' | 'rejected' | 'expired' | 'refused';

export interface Refusal {
  code: string;
  detail: string;
  figures?: Record<string, unknown>;
}

export interface Transfer {
  id: string;
  kind: string;
  status: TransferStatus;
  from: string;
  to: string;
  amount: number;
  fee: number;
  total: number;
  currency: string;
  scale: number;
  sender_label: string | null;
  receiver_label: string | null;
  reference: string | null;
  metadata?: Record<string, unknown> | null;
  date: string;
  created_at: string;
  ended_at: string | null;
  captured?: number | null;
  remaining?: number | null;
  reason: string | null;
  refusal: Refusal | null;
  hold: string | null;
  original: string | null;
  position: number | null;
}

export interface Headroom {
  available: number;
  per_transfer: number | null;
  left_today: number | null;
  free_transfers_left: number | null;
}

export type Quote =
  | {
      granted: true;
      amount: number;
      fee: number;
      total: number;
      currency: string;
      scale: number;
      date: string;
      available_before: number;
      headroom: Headroom;
    }
  | {
      granted: false;
      refusal: Refusal;
      largest: number | null;
      earliest: string | null;
      currency: string;
      scale: number;
    };

export interface Payee {
  number: string;
  currency: string;
  scale: number;
  name: string;
  own: boolean;
  last_used_at?: string;
}

export interface Hold {
  id: string;
  status: 'open' | 'settled' | 'voided' | 'rejected' | 'expired';
  from: string;
  to: string;
  amount: number;
  captured: number;
  remaining: number;
  fee: number;
  placed_at: string;
  date: string;
  expires_at: string | null;
  age_s: number;
  verified: boolean;
  ended_at: string | null;
  reason: string | null;
  position: number | null;
}

export interface Schedule {
  id: string;
  from: string;
  to: string;
  amount: number;
  currency: string;
  scale: number;
  rule: Record<string, unknown> & { every: string };
  starts_on: string;
  status: 'active' | 'paused' | 'ended';
  next_at: string | null;
  runs: number;
  last: { at?: string; status?: string; refusal?: Refusal | null } | null;
  sender_label: string | null;
  receiver_label?: string | null;
}

export type Scope = 'read' | 'transfer' | 'batch' | 'counter' | 'admin';

export interface Token {
  id: string;
  name: string;
  scopes: Scope[];
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at?: string | null;
}

/** What the stream of one's own accounts tells. */
export interface BankEvent {
  position: number;
  id: string;
  recorded_at: string;
  date: string;
  kind: string;
  accounts: string[];
  transfer: Transfer | null;
  account: string | null;
}
