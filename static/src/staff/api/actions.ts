/** The staff's actions beyond lists and forms, one function per route. */
import type { Identifier } from 'react-admin';
import { fetchJson } from '../../api/http';
import type { BulkOutcome } from '../list/BulkAction';

type Problem = { code: string; detail: string } | null;
const encode = encodeURIComponent;

/** What happens to the standing orders of a member who is disabled. */
export const SCHEDULE_ENDS = ['pause', 'keep', 'cancel'] as const;
export type ScheduleEnd = (typeof SCHEDULE_ENDS)[number];

export const setMembersDisabled =
  (action: 'disable' | 'enable', schedules?: ScheduleEnd) =>
  async (ids: Identifier[]): Promise<BulkOutcome[]> => {
    const { data } = await fetchJson<{ data: { id: string; problem: Problem }[] }>('POST', '/admin/members/bulk', {
      body: { ids, action, ...(schedules && { schedules }) },
    });
    return data.map(({ id, problem }) => ({ id, problem }));
  };

export const changeAccounts =
  (action: 'freeze' | 'unfreeze' | 'change_type', type?: string) =>
  async (ids: Identifier[]): Promise<BulkOutcome[]> => {
    const { results } = await fetchJson<{ results: { number: string; problem: Problem }[] }>(
      'POST',
      '/admin/accounts/bulk',
      { body: { numbers: ids.map(String), action, ...(type && { type }) } },
    );
    return results.map(({ number, problem }) => ({ id: number, problem }));
  };

export const changeAccount = (number: string, changes: Record<string, unknown>) =>
  fetchJson('PATCH', `/admin/accounts/${encode(number)}`, { body: changes });
export const changeMember = (id: string, changes: Record<string, unknown>) =>
  fetchJson('PATCH', `/admin/members/${encode(id)}`, { body: changes });
export const resetPassword = (id: string) =>
  fetchJson<{ one_time_password: string }>('POST', `/admin/members/${encode(id)}/password`);
export const resetTotp = (id: string) => fetchJson<void>('POST', `/admin/members/${encode(id)}/totp`);
export const eraseMember = (id: string) => fetchJson('POST', `/admin/members/${encode(id)}/erase`);
export const endSchedule = (id: string, change: 'pause' | 'cancel') =>
  fetchJson('POST', `/admin/schedules/${encode(id)}/${change}`);
export const revokeToken = (id: string) => fetchJson<void>('DELETE', `/admin/tokens/${encode(id)}`);

export const changePendingTransfer = (id: string, action: 'cancel' | 'retry') =>
  fetchJson<unknown>('POST', `/admin/transfers/${encode(id)}/${action}`);
