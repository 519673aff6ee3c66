/** Two people at one browser: no page of the one acts as the other. */
import { PASSWORD } from '../bank';
import { expect, town } from '../test';
import { atDesk, hire } from './desk';

const { test, bank } = town();

test('a teller’s tab books nothing once somebody else has signed in, and says who', async ({ visit }) => {
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

  // Bert signs in behind the page's back: with its cookie, and no word to it.
  const signedIn = await page.context().request.post(new URL('/api/v1/session', page.url()).href, { data: { username: 'bert', password: PASSWORD }, headers: { origin: new URL(page.url()).origin } });
  expect(signedIn.status()).toBe(200);
  await book.click();
  await page.getByRole('heading', { name: 'The teller is signed in now' }).waitFor();
  expect(await balance()).toBe(0);
  await visitor.checkAccess();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'The teller is signed in now' }).waitFor();

  // Anna is back: her page is as she left it, and the deposit is finished once.
  await page.context().request.post(new URL('/api/v1/session', page.url()).href, { data: { username: 'anna', password: PASSWORD }, headers: { origin: new URL(page.url()).origin } });
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await page.getByRole('button', { name: 'Finish it' }).click();
  await page.getByText(/^Deposit of ₩50,000 .*: done\.$/).waitFor();
  expect(await balance()).toBe(50_000);
});

test('tabs of both parts notice at once that somebody else has signed in', async ({ visit }) => {
  await hire(bank(), 'cora', 'teller');
  await bank().member('joon', '홍길동', 1_000);
  const visitor = await visit();
  visitor.allow(/status of 40[13]|status of 412/);
  await visitor.signIn('cora');
  const { page } = visitor;
  const [desk, member, third] = [await visitor.tab(), await visitor.tab(), await visitor.tab()];
  await desk.goto(new URL('/staff/members', page.url()).href);
  await desk.getByRole('row').nth(1).waitFor();
  await member.goto(new URL('/transfer', page.url()).href);
  await member.locator('nav').first().waitFor();
  // In another tab Cora signs out and Joon signs in.
  await third.goto(page.url());
  await third.getByRole('button', { name: 'Sign out' }).first().click();
  await third.locator('input[name="username"]').fill('joon');
  await third.locator('input[name="password"]').fill(PASSWORD);
  await third.locator('button[type="submit"]').click();
  await third.locator('nav').first().waitFor();
  await desk.getByRole('heading', { name: '홍길동 is signed in now' }).waitFor();
  // The member's pages have let go of Cora when she signed out.
  await member.reload();
  await member.locator('nav').first().waitFor();
  await desk.getByRole('button', { name: 'Reload the page' }).click();
  await desk.waitForURL(url => !url.pathname.startsWith('/staff'));
  await desk.getByText('₩1,000').first().waitFor();
});
