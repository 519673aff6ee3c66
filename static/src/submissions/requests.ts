/**
 * Every form of both parts that makes something, with the route that takes its order and a key. A form that is not here cannot
 * send an order.
 */
import type { ScheduleOrder, TransferOrder } from '../api/types';

type Body = Record<string, unknown>;
const part = encodeURIComponent;

/** What an order is about, for whom it has to be told to. */
export interface Subject {
  /** An amount in minor units, with its currency. */
  minor?: number;
  currency?: string;
  scale?: number;
  from?: string;
  to?: string;
  /** A name, such as that of an account type. */
  name?: string;
  /** How many steps there are. */
  count?: number;
}

/** What is to be sent. */
export interface Draft {
  kind: RequestKind;
  path: string;
  body: object;
  subject: Subject;
}

const draft = (kind: RequestKind, path: string, body: object, subject: Subject): Draft => ({
  kind,
  path,
  body,
  subject,
});

/** The member's forms. */
export const memberRequests = {
  transfer: (body: TransferOrder, subject: Subject) => draft('transfer', '/transfers', body, subject),
  schedule: (body: ScheduleOrder, subject: Subject) => draft('schedule', '/me/schedules', body, subject),
  account: (type: string, subject: Subject) => draft('account', '/accounts', { type }, subject),
};

/** The staff's forms. */
export const staffRequests = {
  deposit: (body: Body, subject: Subject) => draft('deposit', '/deposits', body, subject),
  withdrawal: (body: Body, subject: Subject) => draft('withdrawal', '/withdrawals', body, subject),
  hold: (body: Body, subject: Subject) => draft('hold', '/holds', body, subject),
  linked: (body: Body, subject: Subject) => draft('linked', '/linked', body, subject),
  settlement: (hold: string, body: Body, subject: Subject) =>
    draft('settlement', `/transfers/${part(hold)}/settle`, body, subject),
  release: (hold: string, body: Body, subject: Subject) =>
    draft('release', `/transfers/${part(hold)}/void`, body, subject),
  reversal: (transfer: string, body: Body, subject: Subject) =>
    draft('reversal', `/transfers/${part(transfer)}/reverse`, body, subject),
  opening: (body: Body, subject: Subject) => draft('opening', '/admin/accounts', body, subject),
  type: (body: Body, subject: Subject) => draft('type', '/admin/account-types', body, subject),
  member: (body: Body, subject: Subject) => draft('member', '/admin/members', body, subject),
};

export type RequestKind = keyof typeof memberRequests | keyof typeof staffRequests;

export const STAFF_REQUESTS = Object.keys(staffRequests) as RequestKind[];
