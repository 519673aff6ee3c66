/** Two people at one browser: no page of one acts in the name of the other. */
import type { Page } from 'playwright-core';
import { PASSWORD } from '../bank';
import { expect, town } from '../test';
import { atDesk, hire } from './desk';

const { test, bank } = town();

/** Signs another member in in the page's browser, without the page noticing. */
async function signIn(page: Page, username: string) {
  const { origin } = new URL(page.url());
  const answer = await page
    .context()
    .request.post(`${origin}/api/v1/session`, { data: { username, password: PASSWORD }, headers: { origin } });
  expect(answer.ok()).toBe(true);
}

test('a teller’s tab books nothing after another member has signed in, and names them', async ({ visit }) => {
  await hire(bank(), 'anna', 'teller');
  await hire(bank(), 'bert', 'teller');
  const mina = await bank().member('mina', 'Mina Kim');
  const balance = async () => (await mina.client.get<{ posted: number }>(`/accounts/${mina.account}`)).posted;
  const visitor = await atDesk(visit, 'anna', '/counter');
  visitor.allow(/status of 412/);
  const { page } = visitor;
  await page.getByLabel('Account number').fill(mina.account);
  await page.getByText('Mina Kim').waitFor();
  await page.getByLabel('Amount').fill('50000');
  await page.getByRole('button', { name: 'Book deposit' }).click();
  const book = page.getByRole('dialog').getByRole('button', { name: 'Book deposit' });
  await book.waitFor();

  // Bert signs in without the page noticing.
  await signIn(page, 'bert');
  await book.click();
  await page.getByRole('heading', { name: 'The teller is signed in now' }).waitFor();
  expect(await balance()).toBe(0);
  await visitor.checkAccess();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'The teller is signed in now' }).waitFor();

  // Anna signs in again: her page is as she left it, and the deposit is finished once.
  await signIn(page, 'anna');
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await page.getByRole('button', { name: 'Finish it' }).click();
  await page.getByText(/^Deposit of ₩50,000 .*: done\.$/).waitFor();
  expect(await balance()).toBe(50_000);
});

test('a member’s page is covered when it becomes visible, and leads to the member who is signed in', async ({
  visit,
}) => {
  await bank().member('dohee', 'Dohee Lee', 2_000);
  await bank().member('joon', '홍길동', 1_000);
  const visitor = await visit();
  // 401: a request that is sent before the browser has the new cookie.
  visitor.allow(/status of 4(01|12)/);
  const { page } = visitor;
  await visitor.signIn('dohee');
  await page.getByText('₩2,000').first().waitFor();
  await signIn(page, 'joon');
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await page.getByRole('heading', { name: '홍길동 is signed in now' }).waitFor();
  await visitor.checkAccess();
  await page.getByRole('button', { name: 'Reload the page' }).click();
  await page.getByText('₩1,000').first().waitFor();
  expect(await page.getByText('₩2,000').count()).toBe(0);
});

test('signing out in one tab clears the others', async ({ visit }) => {
  await hire(bank(), 'cora', 'teller');
  const visitor = await visit();
  visitor.allow(/status of 40[13]/);
  await visitor.signIn('cora');
  const { page } = visitor;
  const [desk, member] = [await visitor.tab(), await visitor.tab()];
  await desk.goto(new URL('/staff/members', page.url()).href);
  await desk.getByRole('row').nth(1).waitFor();
  await member.goto(new URL('/settings', page.url()).href);
  await member.locator('nav').first().waitFor();
  await page.getByRole('button', { name: 'Sign out' }).first().click();
  for (const tab of [desk, member]) await tab.locator('input[name="username"]').waitFor();
});

test('a customer is redirected from the staff’s part to the members’ and stays signed in', async ({ visit }) => {
  await bank().member('sora', '윤소라', 3_000);
  const visitor = await visit();
  await visitor.signIn('sora');
  await visitor.open('/staff/members');
  await visitor.page.waitForURL(url => !url.pathname.startsWith('/staff'));
  await visitor.page.getByText('₩3,000').first().waitFor();
});
