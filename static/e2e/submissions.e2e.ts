/** Requests whose answers are lost, in one tab and in several: each takes effect once and none is forgotten. */
import type { Page } from 'playwright-core';
import { expect, town } from './test';

const { test, bank } = town();

/** Lets the bank handle requests to a path, but drops the responses. */
async function lose(page: Page, path: string) {
  await page.route(`**/api/v1${path}`, async route => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.fetch();
    await route.abort('connectionreset');
  });
}

const found = (page: Page) => page.unrouteAll({ behavior: 'ignoreErrors' });

test('a standing order whose answer was lost is created once, although its dialog was closed', async ({ visit }) => {
  const mina = await bank().member('mina', 'Mina Kim', 1_000_000);
  const joon = await bank().member('joon', '홍길동');
  const orders = async () => (await mina.client.get<{ data: unknown[] }>('/me/schedules')).data.length;
  const visitor = await visit();
  visitor.allow(/net::ERR_/);
  const { page } = visitor;
  await visitor.signIn('mina');
  await visitor.open('/schedules');
  const dialog = page.getByRole('dialog');
  const make = page.getByRole('button', { name: 'New order' }).first();
  const fill = async () => {
    await make.click();
    await dialog.getByLabel('To account number').fill(joon.account);
    await dialog.getByText('홍*동').first().waitFor();
    await dialog.getByLabel('Amount').fill('30000');
    await dialog.getByRole('button', { name: 'Create order' }).click();
  };
  await lose(page, '/me/schedules');
  await fill();
  await page.getByRole('heading', { name: 'No answer came' }).waitFor();
  await dialog.waitFor({ state: 'detached' });
  expect(await orders()).toBe(1);
  // It cannot be given again before it is finished, not even after a reload.
  await page.reload();
  await page.getByText(/^Standing order of ₩30,000 to account/).waitFor();
  expect(await make.isDisabled()).toBe(true);
  await visitor.checkAccess();
  await found(page);
  await page.getByRole('button', { name: 'Finish it' }).click();
  await page.getByText(/: done\.$/).waitFor();
  expect(await orders()).toBe(1);
  // Given again afterwards, it is a new one.
  await fill();
  await dialog.waitFor({ state: 'detached' });
  expect(await orders()).toBe(2);
});

test('two tabs lose one answer each, and both transfers are finished', async ({ visit }) => {
  const from = await bank().member('sora', '윤소라', 1_000_000);
  const to = await bank().member('minjae', '최민재');
  const sent = async () =>
    (await from.client.get<{ data: { amount: number }[] }>(`/transfers?account=${from.account}&kind=transfer`)).data
      .map(({ amount }) => amount)
      .sort();
  const visitor = await visit();
  visitor.allow(/net::ERR_/);
  await visitor.signIn('sora');
  const tabs = [visitor.page, await visitor.tab()];
  const review = async (page: Page, amount: string) => {
    await page.goto(new URL('/transfer', visitor.page.url()).href);
    await page.getByLabel('To account number').fill(to.account);
    await page.getByText('최*재').first().waitFor();
    await page.getByLabel('Amount').fill(amount);
    await page.getByRole('button', { name: 'Review transfer' }).click();
  };
  for (const [at, page] of tabs.entries()) {
    await lose(page, '/transfers');
    await review(page, String(1_000 + at));
  }
  for (const page of tabs) await page.getByRole('button', { name: /^Send ₩/ }).click();
  for (const page of tabs) await page.getByRole('heading', { name: 'No answer came' }).first().waitFor();
  expect(await sent()).toEqual([1_000, 1_001]);
  // Every tab shows both, and finishing them in any tab moves no more money.
  const [page] = tabs as [Page];
  await found(page);
  await page.reload();
  const finish = page.getByRole('button', { name: 'Finish it' });
  await expect.poll(() => finish.count()).toBe(2);
  await finish.first().click();
  await page.getByRole('status').getByText('Sent', { exact: true }).waitFor();
  await page.goto(new URL('/transfer', page.url()).href);
  await expect.poll(() => finish.count()).toBe(1);
  await finish.click();
  await page.getByRole('status').getByText('Sent', { exact: true }).waitFor();
  expect(await sent()).toEqual([1_000, 1_001]);
  // The other tab has nothing left to finish.
  await expect.poll(() => tabs[1]!.getByRole('button', { name: 'Finish it' }).count()).toBe(0);
});

test('a transfer that the bank does not find keeps its key and is not shown as refused', async ({ visit }) => {
  const from = await bank().member('haeun', '박하은', 1_000_000);
  const to = await bank().member('dana', 'Dana Lee');
  const visitor = await visit();
  visitor.allow(/net::ERR_|status of 404/);
  const { page } = visitor;
  await visitor.signIn('haeun');
  await visitor.open('/transfer');
  await page.getByLabel('To account number').fill(to.account);
  await page.getByText(/D.*e/).first().waitFor();
  await page.getByLabel('Amount').fill('2000');
  await lose(page, '/transfers');
  await page.getByRole('button', { name: 'Review transfer' }).click();
  await page.getByRole('button', { name: 'Send ₩2,000' }).click();
  await page.getByRole('heading', { name: 'No answer came' }).waitFor();
  await found(page);
  const keys: (string | undefined)[] = [];
  await page.route('**/api/v1/transfers', route => {
    keys.push(route.request().headers()['idempotency-key']);
    return route.fulfill({
      status: 404,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 404, code: 'not_found', detail: 'not there' }),
    });
  });
  await page.getByRole('button', { name: 'Finish it' }).click();
  await page.getByRole('heading', { name: 'The outcome is not known' }).waitFor();
  await page.getByText('Check the account before you send it again.').waitFor();
  expect(await page.getByText(/not carried out|refused/i).count()).toBe(0);
  await visitor.checkAccess();
  await found(page);
  const [key] = keys;
  page.on('request', request => {
    if (request.method() === 'POST' && request.url().endsWith('/transfers'))
      expect(request.headers()['idempotency-key']).toBe(key);
  });
  await page.reload();
  await page.getByRole('button', { name: 'Finish it' }).click();
  await page.getByRole('status').getByText('Sent', { exact: true }).waitFor();
  const { data } = await from.client.get<{ data: unknown[] }>(`/transfers?account=${from.account}&kind=transfer`);
  expect(data).toHaveLength(1);
});
