/**
 * Every request of both parts that creates something or moves money, with its route. Each is sent under an idempotency key, and
 * only what is listed here can be.
 */
import type { ScheduleOrder, TransferOrder } from '../api/types';

type Body = Record<string, unknown>;
const encode = encodeURIComponent;

/** What a request is about, for the text that describes it. */
export interface Subject {
  /** An amount in minor units, with its currency. */
  minor?: number;
  currency?: string;
  scale?: number;
  from?: string;
  to?: string;
  /** A name, such as that of an account type. */
  name?: string;
  /** The number of steps. */
  count?: number;
}

/** A request as a form describes it, before it has a key. */
export interface Draft {
  kind: RequestKind;
  path: string;
  body: object;
  subject: Subject;
  /** While the outcome of one request is unknown, no different request of the same scope is sent. */
  scope: string;
}

const draft = (kind: RequestKind, path: string, body: object, subject: Subject, scope: string = kind): Draft => ({
  kind,
  path,
  body,
  subject,
  scope,
});

/** The members' requests. */
export const memberRequests = {
  transfer: (body: TransferOrder, subject: Subject) => draft('transfer', '/transfers', body, subject),
  schedule: (body: ScheduleOrder, subject: Subject) => draft('schedule', '/me/schedules', body, subject),
  account: (type: string, subject: Subject) => draft('account', '/accounts', { type }, subject),
};

const COUNTER = 'counter';

/** The staff's requests. */
export const staffRequests = {
  deposit: (body: Body, subject: Subject) => draft('deposit', '/deposits', body, subject, COUNTER),
  withdrawal: (body: Body, subject: Subject) => draft('withdrawal', '/withdrawals', body, subject, COUNTER),
  hold: (body: Body, subject: Subject) => draft('hold', '/holds', body, subject, COUNTER),
  linked: (body: Body, subject: Subject) => draft('linked', '/linked', body, subject, COUNTER),
  settlement: (hold: string, body: Body, subject: Subject) =>
    draft('settlement', `/transfers/${encode(hold)}/settle`, body, subject, `hold ${hold}`),
  release: (hold: string, body: Body, subject: Subject) =>
    draft('release', `/transfers/${encode(hold)}/void`, body, subject, `hold ${hold}`),
  reversal: (transfer: string, body: Body, subject: Subject) =>
    draft('reversal', `/transfers/${encode(transfer)}/reverse`, body, subject, `reversal ${transfer}`),
  opening: (body: Body, subject: Subject) => draft('opening', '/admin/accounts', body, subject),
  type: (body: Body, subject: Subject) => draft('type', '/admin/account-types', body, subject),
  member: (body: Body, subject: Subject) => draft('member', '/admin/members', body, subject),
};

export type RequestKind = keyof typeof memberRequests | keyof typeof staffRequests;

export const STAFF_REQUESTS = Object.keys(staffRequests) as RequestKind[];
export const COUNTER_REQUESTS = ['deposit', 'withdrawal', 'hold', 'linked'] as const satisfies RequestKind[];
