import { afterEach, expect, it, vi } from 'vitest';
import { api } from '../../src/api/client';
import { connectionLost } from '../../src/api/problem';
import type { Meta } from '../../src/api/types';
import { withDates } from '../../src/staff/provide/data';

afterEach(() => {
  vi.restoreAllMocks();
});

it('a day of the audit log waits for the bank’s time zone, and is asked for again after a failure', async () => {
  const meta = vi.spyOn(api, 'meta').mockRejectedValueOnce(connectionLost()).mockResolvedValue({ time_zone: 'Asia/Seoul' } as Meta);
  await expect(withDates('audit', { on: '2026-11-22' })).rejects.toMatchObject({ code: 'connection_lost' });
  const day = { from: '2026-11-21T15:00:00.000Z', to: '2026-11-22T15:00:00.000Z', q: 'x' };
  expect(await withDates('audit', { on: '2026-11-22', q: 'x' })).toEqual(day);
  expect(await withDates('audit', { on: '2026-11-22', q: 'x' })).toEqual(day);
  expect(meta).toHaveBeenCalledTimes(2);
  // Business dates need none.
  expect(await withDates('transfers', { on: '2026-11' })).toEqual({ from: '2026-11-01', to: '2026-11-30' });
});
