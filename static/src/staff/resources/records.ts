/** The records of the lists, as the API tells them. */
import type { RaRecord } from 'react-admin';
import type { Refusal, Role, Scope, TransferStatus } from '../../api/types';

export interface MemberRecord extends RaRecord<string> {
  username: string;
  name: string;
  email: string;
  role: Role;
  totp: boolean;
  disabled: boolean;
  erased: boolean;
  password_due: boolean;
  free_transfers_per_day: number;
  joined_at: string;
  version: number;
}

export interface AccountRecord extends RaRecord<string> {
  number: string;
  owner: { id: string; username: string | null; name: string | null };
  type: { code: string; name: string };
  currency: string;
  scale: number;
  role: 'customer' | 'cash' | 'fees';
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
  own_limit_per_transfer: number | null;
  own_limit_per_day: number | null;
  left_today: number | null;
  free_transfers_left: number;
  date: string;
  version: number;
  position: number;
}

export interface TypeRecord extends RaRecord<string> {
  code: string;
  name: string;
  currency: string | null;
  scale: number | null;
  limit_per_transfer: number | null;
  limit_per_day: number | null;
  fee: number;
  version: number;
}

export interface TransferRecord extends RaRecord<string> {
  transfer?: string;
  kind: string;
  status: TransferStatus;
  from: string | null;
  to: string | null;
  amount: number;
  fee: number;
  total: number;
  currency: string | null;
  scale: number | null;
  sender_label: string | null;
  receiver_label: string | null;
  reference: string;
  metadata: Record<string, string>;
  date: string;
  created_at: string;
  ended_at: string | null;
  captured: number;
  remaining: number;
  reason: string | null;
  refusal: Refusal | null;
  hold: string | null;
  original: string | null;
  step: number | null;
  position: number;
}

export interface TokenRecord extends RaRecord<string> {
  name: string;
  member: string;
  username: string;
  scopes: Scope[];
  active: boolean;
  created_at: string;
  expires_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}
