import { type AuthProvider, type DataProvider, HttpError, type Identifier, type RaRecord } from 'react-admin';
import polyglot from 'ra-i18n-polyglot';
import english from 'ra-language-english';
import { api } from '../api/client';
import { send } from '../api/http';
import { asFailure } from '../api/problem';
import type { List, Role } from '../api/types';
import { firstLanguage } from '../i18n';
import { remember } from '../member/session';
import { newKey } from '../send/attempt';
import { staffEnglish } from './messages/en';
import { staffKorean } from './messages/ko';
import { raKorean } from './messages/react-admin-ko';

/** What a record is known by in the address of its route. */
const KEYS: Record<string, string> = { accounts: 'number', 'account-types': 'code' };
const path = (resource: string, id?: Identifier) => `${resource === 'transfers' ? '' : '/admin'}/${resource}${id === undefined ? '' : `/${encodeURIComponent(id)}`}`;
const idOf = (resource: string, record: Record<string, unknown>) => ({ ...record, id: record[KEYS[resource] ?? 'id'] as Identifier });

/** By what each list was sorted before: clicking a second column keeps the first as the one that decides among equals. */
const sorted = new Map<string, { field: string; order: string }[]>();

function sortText(resource: string, { field, order }: { field: string; order: string }): string | undefined {
  if (field === 'id') return undefined;
  const before = (sorted.get(resource) ?? []).filter(one => one.field !== field);
  const all = [{ field, order }, ...before].slice(0, 3);
  sorted.set(resource, all);
  return all.map(one => (one.order === 'DESC' ? '-' : '') + one.field).join(',');
}

/** A failure as react-admin shows it: at the field where the service names one. */
function explained(error: unknown): never {
  const failure = asFailure(error);
  const errors = Object.fromEntries(failure.fields.map(field => [field.field, field.detail]));
  throw new HttpError(failure.message, failure.status, Object.keys(errors).length ? { errors } : { code: failure.code });
}

export interface Listing extends List<RaRecord> {
  total?: number;
  counts?: Record<string, Record<string, number>>;
  totals?: Record<string, unknown>;
}

const changed = (data: RaRecord, before: RaRecord) => {
  const names = Object.keys(data).filter(name => JSON.stringify(data[name]) !== JSON.stringify(before[name]));
  return Object.fromEntries([...names.map(name => [name, data[name]]), ['version', before.version]]);
};

async function list(resource: string, pagination: { page: number; perPage: number } | undefined, sort: { field: string; order: string } | undefined, filter: Record<string, unknown>) {
  const { page = 1, perPage = 25 } = pagination ?? {};
  const query: Record<string, string | number | undefined> = { ...(filter as Record<string, string>), ...(resource !== 'transfers' && { page }), limit: perPage, sort: sort ? sortText(resource, sort) : undefined };
  const answer = await send<Listing>('GET', path(resource), { query }).catch(explained);
  const data = answer.data.map(record => idOf(resource, record) as RaRecord);
  return { data, meta: { counts: answer.counts, totals: answer.totals }, ...(answer.total === undefined ? { pageInfo: { hasNextPage: answer.has_more, hasPreviousPage: page > 1 } } : { total: answer.total }) };
}

const one = async (resource: string, id: Identifier) => ({ data: idOf(resource, await send<RaRecord>('GET', path(resource, id)).catch(explained)) as RaRecord });

const unsupported = () => Promise.reject(new Error('not supported'));

/** The API's lists as react-admin asks for them. Records are changed by what differs, against the version that was read. */
export const dataProvider = {
  getList: (resource: string, { pagination, sort, filter }) => list(resource, pagination, sort, filter as Record<string, unknown>),
  getOne: (resource: string, { id }) => one(resource, id),
  getMany: async (resource: string, { ids }) => ({ data: await Promise.all(ids.map(id => one(resource, id).then(({ data }) => data))) }),
  getManyReference: (resource: string, { target, id, pagination, sort, filter }) => list(resource, pagination, sort, { ...filter, [target]: id }),
  create: async (resource: string, { data }) => ({ data: idOf(resource, await send<RaRecord>('POST', path(resource), { body: data, key: newKey() }).catch(explained)) }),
  update: async (resource: string, { id, data, previousData }) => ({
    data: idOf(resource, await send<RaRecord>('PATCH', path(resource, id), { body: changed(data as RaRecord, previousData as RaRecord) }).catch(explained)),
  }),
  updateMany: unsupported,
  delete: async (resource: string, { id, previousData }) => {
    await send<void>('DELETE', path(resource, id)).catch(explained);
    return { data: previousData };
  },
  deleteMany: unsupported,
} as DataProvider;

export const authProvider: AuthProvider = {
  login: async ({ username, password, totp }: { username: string; password: string; totp?: string }) => {
    await api.signIn({ username, password, ...(totp && { totp }) });
    remember(true);
  },
  logout: async () => {
    await api.signOut().catch(() => {});
    remember(false);
    location.assign('/');
    return false;
  },
  // Signing in is at the member's door, where the second factor is asked for; who is no staff stays there.
  checkAuth: async () => {
    const { member } = await api.session();
    if (member.role === 'member') throw new Error('member');
  },
  checkError: error => ((error as { status?: number }).status === 401 ? Promise.reject(new Error('signed out')) : Promise.resolve()),
  getPermissions: async () => (await api.session()).member.role,
  getIdentity: async () => {
    const { member } = await api.session();
    return { id: member.id, fullName: member.name ?? member.username };
  },
  // What a role may change, said once: buttons that would be refused are not shown.
  canAccess: async ({ action, resource }: { action: string; resource: string }) => {
    const role: Role = (await api.session()).member.role;
    if (['list', 'show', 'export'].includes(action)) return resource !== 'audit' || role !== 'teller';
    return role === 'admin';
  },
};

const messages = { en: { ...english, ...staffEnglish }, ko: { ra: raKorean, ...staffKorean } };

export const i18nProvider = polyglot(
  locale => messages[locale as 'en' | 'ko'],
  firstLanguage(localStorage.getItem('jangbu.language'), navigator.languages),
  [{ locale: 'ko', name: '한국어' }, { locale: 'en', name: 'English' }],
  { allowMissing: false },
);
