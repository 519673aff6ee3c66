import type { DataProvider, Identifier, RaRecord } from 'react-admin';
import { fetchJson } from '../../api/http';
import type { components } from '../../api/schema';
import type { List } from '../../api/types';
import { type Draft, staffRequests } from '../../submissions/requests';
import { submitOrThrow } from '../../submissions/submit';
import { CursorPages } from './cursorPages';
import { periodBounds } from './dateFilters';
import { throwHttpError } from './httpErrors';
import { parseTransferId, transferId } from './transferId';

/** How a resource is read: its route, the key of its records, and fixed parameters. */
interface ResourceRoute {
  path: string;
  /** The route of its list, if it differs. */
  all?: string;
  key: string;
  fixed?: Record<string, string>;
  /** Whether it is read by cursor, newest or oldest first. */
  byCursor?: boolean;
}

const ROUTES: Record<string, ResourceRoute> = {
  members: { path: '/admin/members', key: 'id' },
  accounts: { path: '/admin/accounts', key: 'number' },
  'account-types': { path: '/admin/account-types', key: 'code' },
  transfers: { path: '/transfers', all: '/admin/transfers', key: 'id', byCursor: true },
  holds: { path: '/transfers', all: '/admin/transfers', key: 'id', fixed: { kind: 'hold' }, byCursor: true },
  schedules: { path: '/admin/schedules', key: 'id', byCursor: true },
  tokens: { path: '/admin/tokens', key: 'id' },
  audit: { path: '/admin/audit', key: 'id', byCursor: true },
};

/** Returns the route of a resource's list, for exports. */
export const listPath = (resource: string) => routeOf(resource).all ?? routeOf(resource).path;

/** Returns the query for an order. */
export const sortQuery = (resource: string, field: string): Query =>
  field === 'none' || field === 'id'
    ? {}
    : routeOf(resource).byCursor
      ? { order: field.startsWith('-') ? 'newest' : 'oldest' }
      : { sort: field };
export const fixedQuery = (resource: string) => routeOf(resource).fixed ?? {};

const routeOf = (resource: string): ResourceRoute => ROUTES[resource] ?? { path: `/admin/${resource}`, key: 'id' };
const recordPath = (resource: string, id: Identifier) => `${routeOf(resource).path}/${encodeURIComponent(id)}`;

const toRecord = (resource: string, row: Record<string, unknown>): RaRecord => ({
  ...row,
  id: transferId({ id: String(row[routeOf(resource).key]), step: row.step as number | null | undefined }),
});

export interface ResourcePage extends List<Record<string, unknown>> {
  total?: number;
  counts?: Record<string, Record<string, number>>;
  totals?: components['schemas']['AccountTotals'];
}

type Query = Record<string, string | number | boolean | undefined>;

const pages = new CursorPages();

/** The counts of the last list of accounts. They come with its first page and are not fetched again for the others. */
let lastCounts: { queryKey: string; answer: Pick<ResourcePage, 'total' | 'counts' | 'totals'> } | undefined;

/** Replaces the filter by a period with its first and last day. The service knows the bank's time zone. */
export function withDateBounds({ on, ...query }: Query): Query {
  return typeof on === 'string' ? { ...query, ...periodBounds(on) } : query;
}

interface ListParams {
  pagination?: { page: number; perPage: number };
  sort?: { field: string; order: string };
  filter?: Query;
  signal?: AbortSignal;
}

async function fetchList(resource: string, { pagination, sort, filter, signal }: ListParams) {
  const { page, perPage } = pagination ?? { page: 1, perPage: 25 };
  const { byCursor, fixed } = routeOf(resource);
  const path = listPath(resource);
  const query: Query = {
    ...withDateBounds(filter ?? {}),
    ...fixed,
    ...(sort && sortQuery(resource, sort.field)),
    limit: perPage,
  };
  if (byCursor) {
    const queryKey = JSON.stringify([resource, query]);
    const answer = await pages
      .read(queryKey, page, cursor => fetchJson<ResourcePage>('GET', path, { query: { ...query, cursor }, signal }))
      .catch(throwHttpError);
    const data = answer.data.map(found => toRecord(resource, found));
    return { data, pageInfo: { hasNextPage: answer.has_more, hasPreviousPage: page > 1 } };
  }
  const queryKey = JSON.stringify([resource, query]);
  const cachedCounts = page > 1 && lastCounts?.queryKey === queryKey ? lastCounts.answer : undefined;
  const answer = await fetchJson<ResourcePage>('GET', path, {
    query: { ...query, page, ...(cachedCounts && { count: false }) },
    signal,
  }).catch(throwHttpError);
  if (resource === 'accounts' && !cachedCounts) lastCounts = { queryKey, answer };
  const { total, counts, totals } = cachedCounts ?? answer;
  const data = answer.data.map(found => toRecord(resource, found));
  return { data, total: total ?? data.length, meta: { counts, totals } };
}

async function fetchOne(resource: string, id: Identifier, signal?: AbortSignal) {
  const { command, step } = parseTransferId(String(id));
  const found = await fetchJson<Record<string, unknown>>('GET', recordPath(resource, command), {
    query: { step },
    signal,
  }).catch(throwHttpError);
  // react-admin expects the id that it asked for.
  return { data: { ...toRecord(resource, found), id } };
}

const unsupported = () => Promise.reject(new Error('not supported'));

/** The requests that create records. */
const CREATE_REQUESTS: Record<string, (data: Record<string, unknown>) => Draft> = {
  members: data => staffRequests.member(data, { name: String(data.username) }),
  accounts: data => staffRequests.opening(data, { name: String(data.type) }),
  'account-types': data => staffRequests.type(data, { name: String(data.code) }),
};

const createRecord = (resource: string, data: Record<string, unknown>): Promise<Record<string, unknown>> => {
  const form = CREATE_REQUESTS[resource];
  return form ? submitOrThrow<Record<string, unknown>>(form(data)).catch(throwHttpError) : unsupported();
};

/**
 * The API for react-admin. A form passes exactly the body that is sent, and a change names the version that was read.
 */
export const dataProvider: DataProvider = {
  getList: (resource: string, params: ListParams) => fetchList(resource, params),
  getOne: (resource: string, { id, signal }: { id: Identifier; signal?: AbortSignal }) =>
    fetchOne(resource, id, signal),
  getMany: async (resource: string, { ids }: { ids: Identifier[] }) => ({
    data: await Promise.all(ids.map(id => fetchOne(resource, id).then(({ data }) => data))),
  }),
  getManyReference: (resource: string, { target, id, ...params }: ListParams & { target: string; id: Identifier }) =>
    fetchList(resource, { ...params, filter: { ...params.filter, [target]: id } }),
  create: async (resource: string, { data }: { data: Record<string, unknown> }) => {
    const created = await createRecord(resource, data);
    return {
      data: toRecord(
        resource,
        created.member ? { ...(created.member as object), one_time_password: created.one_time_password } : created,
      ),
    };
  },
  update: async (resource: string, { id, data }: { id: Identifier; data: Record<string, unknown> }) => ({
    data: toRecord(
      resource,
      await fetchJson<Record<string, unknown>>('PATCH', recordPath(resource, id), { body: data }).catch(throwHttpError),
    ),
  }),
  delete: async (resource: string, { id, previousData }: { id: Identifier; previousData?: RaRecord }) => {
    await fetchJson<void>('DELETE', recordPath(resource, id)).catch(throwHttpError);
    return { data: previousData ?? { id } };
  },
  updateMany: unsupported,
  deleteMany: unsupported,
} as unknown as DataProvider;
