import type { Page } from 'playwright-core';
import { expect, town } from './test';

async function send(page: Page, to: string) {
  await page.getByLabel('To account number').fill(to);
  await page.getByText('홍*동').first().waitFor();
  await page.getByLabel('Amount').fill('50000');
  await page.getByRole('button', { name: 'Review transfer' }).click();
  await page.getByRole('dialog').getByText('you can cancel until the check is done').waitFor();
  await page.getByRole('button', { name: 'Send ₩50,000' }).click();
}

const slow = town({ bottleneck: '600' });
slow.test('a transfer in verification shows its duration and can be cancelled', async ({ visit }) => {
  const mina = await slow.bank().member('mina', 'Mina Kim', 100_000);
  const joon = await slow.bank().member('joon', '홍길동');
  const visitor = await visit();
  const { page } = visitor;
  await visitor.signIn('mina');
  await visitor.open('/transfer');
  await send(page, joon.account);
  const status = page.getByRole('status');
  await status.getByText('Being checked').waitFor();
  await page.getByText(/^0:0[1-9] so far$/).waitFor();
  await visitor.checkAccess();

  // Pending transfers are also listed on the overview.
  const tab = await visitor.tab();
  await tab.goto(page.url().replace(/\/transfers.*/, '/'));
  await tab.getByRole('heading', { name: 'In progress' }).waitFor();
  await tab.getByText('−₩50,000').waitFor();
  await visitor.checkAccess(tab);

  // And among the account's holds.
  const queue = await visitor.tab();
  await queue.goto(page.url().replace(/\/transfers.*/, `/accounts/${mina.account}`));
  await queue.getByRole('heading', { name: 'Waiting' }).waitFor();
  await visitor.checkAccess(queue);

  await page.getByRole('button', { name: 'Cancel transfer' }).click();
  await queue.getByRole('heading', { name: 'Waiting' }).waitFor({ state: 'detached' });
  await status.getByText('Cancelled', { exact: true }).waitFor();
  await tab.getByRole('heading', { name: 'In progress' }).waitFor({ state: 'detached' });
  await tab.getByText('₩100,000').first().waitFor();
  await visitor.checkAccess();
});

const quick = town({ bottleneck: '2' });
quick.test('a transfer becomes posted while its receipt is open', async ({ visit }) => {
  await quick.bank().member('mina', 'Mina Kim', 100_000);
  const joon = await quick.bank().member('joon', '홍길동');
  const visitor = await visit();
  const { page } = visitor;
  await visitor.signIn('mina');
  await visitor.open('/transfer');
  await send(page, joon.account);
  await page.getByRole('status').getByText('Being checked').waitFor();
  await page.evaluate(() => Object.assign(globalThis, { stayed: true }));
  await page.getByRole('status').getByText('Sent', { exact: true }).waitFor();
  await page.getByText(/^took 0:0\d$/).waitFor();
  expect(await page.evaluate(() => 'stayed' in globalThis), 'the page was loaded again').toBe(true);
  expect(await page.getByRole('button', { name: 'Cancel transfer' }).count()).toBe(0);
});
