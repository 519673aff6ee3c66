/** What staff does beyond reading lists and forms: one function per route. */
import type { Identifier } from 'react-admin';
import { send } from '../../api/http';
import type { Outcome } from '../list/BulkAction';

type Problem = { code: string; detail: string } | null;
const part = encodeURIComponent;

/** What becomes of the standing orders of a member who is disabled. */
export const SCHEDULE_ENDS = ['pause', 'keep', 'cancel'] as const;
export type ScheduleEnd = (typeof SCHEDULE_ENDS)[number];

export const disableMembers =
  (action: 'disable' | 'enable', schedules?: ScheduleEnd) =>
  async (ids: Identifier[]): Promise<Outcome[]> => {
    const { data } = await send<{ data: { id: string; problem: Problem }[] }>('POST', '/admin/members/bulk', {
      body: { ids, action, ...(schedules && { schedules }) },
    });
    return data.map(({ id, problem }) => ({ id, problem }));
  };

export const changeAccounts =
  (action: 'freeze' | 'unfreeze' | 'change_type', type?: string) =>
  async (ids: Identifier[]): Promise<Outcome[]> => {
    const { results } = await send<{ results: { number: string; problem: Problem }[] }>(
      'POST',
      '/admin/accounts/bulk',
      { body: { numbers: ids.map(String), action, ...(type && { type }) } },
    );
    return results.map(({ number, problem }) => ({ id: number, problem }));
  };

export const changeAccount = (number: string, changes: Record<string, unknown>) =>
  send('PATCH', `/admin/accounts/${part(number)}`, { body: changes });
export const changeMember = (id: string, changes: Record<string, unknown>) =>
  send('PATCH', `/admin/members/${part(id)}`, { body: changes });
export const resetPassword = (id: string) =>
  send<{ one_time_password: string }>('POST', `/admin/members/${part(id)}/password`);
export const resetTotp = (id: string) => send<void>('POST', `/admin/members/${part(id)}/totp`);
export const eraseMember = (id: string) => send('POST', `/admin/members/${part(id)}/erase`);
export const endSchedule = (id: string, change: 'pause' | 'cancel') =>
  send('POST', `/admin/schedules/${part(id)}/${change}`);
export const revokeToken = (id: string) => send<void>('DELETE', `/admin/tokens/${part(id)}`);

export const steerPending = (id: string, action: 'cancel' | 'retry') =>
  send<unknown>('POST', `/admin/transfers/${part(id)}/${action}`);
