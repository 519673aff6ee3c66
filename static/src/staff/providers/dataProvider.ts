import type { DataProvider, Identifier, RaRecord } from 'react-admin';
import { send } from '../../api/http';
import type { components } from '../../api/schema';
import type { List } from '../../api/types';
import { type Draft, staffForms } from '../../submissions/requests';
import { place } from '../../submissions/submit';
import { Pages } from './cursorPages';
import { bounds } from './dateFilters';
import { explained } from './httpErrors';
import { movementOf, nameOf } from './movementId';

/** How a resource is reached: its route, what a record is known by there, and what every question of it says. */
interface Way {
  path: string;
  /** The route of its list, where that is another one. */
  all?: string;
  key: string;
  fixed?: Record<string, string>;
  /** Read by cursor, the newest first or, where it can be asked for, the oldest. */
  byCursor?: boolean;
}

const WAYS: Record<string, Way> = {
  members: { path: '/admin/members', key: 'id' },
  accounts: { path: '/admin/accounts', key: 'number' },
  'account-types': { path: '/admin/account-types', key: 'code' },
  transfers: { path: '/transfers', all: '/admin/transfers', key: 'id', byCursor: true },
  holds: { path: '/transfers', all: '/admin/transfers', key: 'id', fixed: { kind: 'hold' }, byCursor: true },
  schedules: { path: '/admin/schedules', key: 'id', byCursor: true },
  tokens: { path: '/admin/tokens', key: 'id' },
  audit: { path: '/admin/audit', key: 'id', byCursor: true },
};

/** The route under which a resource's list is read, for files. */
export const listPath = (resource: string) => wayOf(resource).all ?? wayOf(resource).path;

/** An order as the route takes it. */
export const orderOf = (resource: string, field: string): Query =>
  field === 'none' || field === 'id'
    ? {}
    : wayOf(resource).byCursor
      ? { order: field.startsWith('-') ? 'newest' : 'oldest' }
      : { sort: field };
export const fixedQuery = (resource: string) => wayOf(resource).fixed ?? {};

const wayOf = (resource: string): Way => WAYS[resource] ?? { path: `/admin/${resource}`, key: 'id' };
const pathOf = (resource: string, id: Identifier) => `${wayOf(resource).path}/${encodeURIComponent(id)}`;

const record = (resource: string, found: Record<string, unknown>): RaRecord => ({
  ...found,
  id: nameOf({ id: String(found[wayOf(resource).key]), step: found.step as number | null | undefined }),
});

export interface Listed extends List<Record<string, unknown>> {
  total?: number;
  counts?: Record<string, Record<string, number>>;
  totals?: components['schemas']['AccountTotals'];
}

type Query = Record<string, string | number | boolean | undefined>;

const pages = new Pages();

/** What was counted with the first page of the accounts that were asked for last: later pages are not counted again. */
let counted: { asked: string; answer: Pick<Listed, 'total' | 'counts' | 'totals'> } | undefined;

/** The filter by a part of a date as what the routes take: its first and its last day. The service knows the bank's time zone. */
export function withDates({ on, ...query }: Query): Query {
  return typeof on === 'string' ? { ...query, ...bounds(on) } : query;
}

interface Asked {
  pagination?: { page: number; perPage: number };
  sort?: { field: string; order: string };
  filter?: Query;
  signal?: AbortSignal;
}

async function list(resource: string, { pagination, sort, filter, signal }: Asked) {
  const { page, perPage } = pagination ?? { page: 1, perPage: 25 };
  const { byCursor, fixed } = wayOf(resource);
  const path = listPath(resource);
  const query: Query = {
    ...withDates(filter ?? {}),
    ...fixed,
    ...(sort && orderOf(resource, sort.field)),
    limit: perPage,
  };
  if (byCursor) {
    const asked = JSON.stringify([resource, query]);
    const answer = await pages
      .read(asked, page, cursor => send<Listed>('GET', path, { query: { ...query, cursor }, signal }))
      .catch(explained);
    const data = answer.data.map(found => record(resource, found));
    return { data, pageInfo: { hasNextPage: answer.has_more, hasPreviousPage: page > 1 } };
  }
  const asked = JSON.stringify([resource, query]);
  const known = page > 1 && counted?.asked === asked ? counted.answer : undefined;
  const answer = await send<Listed>('GET', path, {
    query: { ...query, page, ...(known && { count: false }) },
    signal,
  }).catch(explained);
  if (resource === 'accounts' && !known) counted = { asked, answer };
  const { total, counts, totals } = known ?? answer;
  const data = answer.data.map(found => record(resource, found));
  return { data, total: total ?? data.length, meta: { counts, totals } };
}

async function one(resource: string, id: Identifier, signal?: AbortSignal) {
  const { command, step } = movementOf(String(id));
  const found = await send<Record<string, unknown>>('GET', pathOf(resource, command), {
    query: { step },
    signal,
  }).catch(explained);
  // It is known by the name under which it was asked for.
  return { data: { ...record(resource, found), id } };
}

const unsupported = () => Promise.reject(new Error('not supported'));

/** The forms of what can be made, with what a new one is called. */
const FORMS: Record<string, (data: Record<string, unknown>) => Draft> = {
  members: data => staffForms.member(data, { name: String(data.username) }),
  accounts: data => staffForms.opening(data, { name: String(data.type) }),
  'account-types': data => staffForms.type(data, { name: String(data.code) }),
};

const make = (resource: string, data: Record<string, unknown>): Promise<Record<string, unknown>> => {
  const form = FORMS[resource];
  return form ? place<Record<string, unknown>>(form(data)).catch(explained) : unsupported();
};

/**
 * The API's lists as react-admin asks for them. A form hands over exactly what is to be sent, so that nothing is sent that
 * the service did not ask for; a change names the version that was read.
 */
export const dataProvider: DataProvider = {
  getList: (resource: string, params: Asked) => list(resource, params),
  getOne: (resource: string, { id, signal }: { id: Identifier; signal?: AbortSignal }) => one(resource, id, signal),
  getMany: async (resource: string, { ids }: { ids: Identifier[] }) => ({
    data: await Promise.all(ids.map(id => one(resource, id).then(({ data }) => data))),
  }),
  getManyReference: (resource: string, { target, id, ...params }: Asked & { target: string; id: Identifier }) =>
    list(resource, { ...params, filter: { ...params.filter, [target]: id } }),
  create: async (resource: string, { data }: { data: Record<string, unknown> }) => {
    const made = await make(resource, data);
    return {
      data: record(
        resource,
        made.member ? { ...(made.member as object), one_time_password: made.one_time_password } : made,
      ),
    };
  },
  update: async (resource: string, { id, data }: { id: Identifier; data: Record<string, unknown> }) => ({
    data: record(
      resource,
      await send<Record<string, unknown>>('PATCH', pathOf(resource, id), { body: data }).catch(explained),
    ),
  }),
  delete: async (resource: string, { id, previousData }: { id: Identifier; previousData?: RaRecord }) => {
    await send<void>('DELETE', pathOf(resource, id)).catch(explained);
    return { data: previousData ?? { id } };
  },
  updateMany: unsupported,
  deleteMany: unsupported,
} as unknown as DataProvider;
