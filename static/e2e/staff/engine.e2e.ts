import { formatAccountNumber } from '../../src/format/accountNumber';
import { expect, town } from '../test';
import { atDesk } from './desk';

const { test, bank } = town({ bottleneck: '600' });

test('the engine is watched under load, and the pending queue is worked through', async ({ visit }) => {
  const mina = await bank().member('mina', 'Mina Kim', 1_000_000);
  const joon = await bank().member('joon', 'Joon Lee');
  const send = (amount: number) =>
    mina.client.post<{ id: string }>('/transfers', { from: mina.account, to: joon.account, amount });
  const first = await send(11_000);
  await send(12_000);
  const visitor = await atDesk(visit, 'admin', '/engine');
  const { page } = visitor;
  await page.getByRole('status').getByText('Live').waitFor();

  // Load while the page is open.
  let going = true;
  const load = (async () => {
    const admin = await bank().as('admin');
    while (going) await admin.post('/deposits', { to: joon.account, amount: 1 });
  })();
  const transfers = page.getByRole('figure').filter({ hasText: 'Transfers' });
  await transfers.getByText(/^Posted [1-9][\d,]*, at most/).waitFor();
  await page
    .getByRole('figure')
    .filter({ hasText: 'Latency' })
    .getByText(/^p99 [\d.]+, at most/)
    .waitFor();
  await transfers.getByText('Figures as a table').click();
  await expect.poll(() => transfers.getByRole('row').count()).toBeGreaterThan(1);
  await page
    .getByRole('region', { name: 'Hottest accounts' })
    .getByRole('link', { name: formatAccountNumber(joon.account) })
    .waitFor();
  await page.getByRole('button', { name: '1 hour' }).click();

  const queue = page.getByRole('region', { name: 'Pending queue' });
  const row = queue.getByRole('row').filter({ hasText: '11,000' });
  await row.getByRole('button', { name: 'Verify again' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Verify again' }).click();
  await page.getByText('The verification has started again').waitFor();
  await row.getByRole('button', { name: 'Cancel transfer' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel transfer' }).click();
  await page.getByText('The transfer was cancelled').waitFor();
  await expect.poll(() => row.count()).toBe(0);
  expect(await queue.getByRole('row').filter({ hasText: '12,000' }).count()).toBe(1);
  expect((await mina.client.get<{ status: string }>(`/transfers/${first.id}`)).status).toBe('cancelled');

  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByText(/^Sound: [\d,]+ records, \d+ accounts\.$/).waitFor();
  going = false;
  await load;

  await visitor.open(`/staff/engine/actors/${mina.account}`);
  await page.getByRole('region', { name: 'Hold queue' }).getByText('12,000').first().waitFor();
});
