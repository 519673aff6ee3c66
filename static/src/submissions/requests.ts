/**
 * Every form of both parts that makes something, with the route that takes its order and a key. A form that is not here cannot
 * send an order.
 */
import type { ScheduleOrder, TransferOrder } from '../api/types';

type Body = Record<string, unknown>;
const part = encodeURIComponent;

/** What an order is about, for whom it has to be told to. */
export interface About {
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
  form: Form;
  path: string;
  body: object;
  about: About;
}

const draft = (form: Form, path: string, body: object, about: About): Draft => ({ form, path, body, about });

/** The member's forms. */
export const memberForms = {
  transfer: (body: TransferOrder, about: About) => draft('transfer', '/transfers', body, about),
  schedule: (body: ScheduleOrder, about: About) => draft('schedule', '/me/schedules', body, about),
  account: (type: string, about: About) => draft('account', '/accounts', { type }, about),
};

/** The staff's forms. */
export const staffForms = {
  deposit: (body: Body, about: About) => draft('deposit', '/deposits', body, about),
  withdrawal: (body: Body, about: About) => draft('withdrawal', '/withdrawals', body, about),
  hold: (body: Body, about: About) => draft('hold', '/holds', body, about),
  linked: (body: Body, about: About) => draft('linked', '/linked', body, about),
  settlement: (hold: string, body: Body, about: About) =>
    draft('settlement', `/transfers/${part(hold)}/settle`, body, about),
  release: (hold: string, body: Body, about: About) => draft('release', `/transfers/${part(hold)}/void`, body, about),
  reversal: (transfer: string, body: Body, about: About) =>
    draft('reversal', `/transfers/${part(transfer)}/reverse`, body, about),
  opening: (body: Body, about: About) => draft('opening', '/admin/accounts', body, about),
  type: (body: Body, about: About) => draft('type', '/admin/account-types', body, about),
  member: (body: Body, about: About) => draft('member', '/admin/members', body, about),
};

export type Form = keyof typeof memberForms | keyof typeof staffForms;

export const STAFF_FORMS = Object.keys(staffForms) as Form[];
