import type { Page } from 'playwright-core';
import { expect, town } from './test';

const { test, bank } = town();

let count = 0;
/** Creates a sender with a million won and a payee with nothing. */
async function two() {
  count += 1;
  const from = await bank().member(`from${count}`, 'Mina Kim', 1_000_000);
  const to = await bank().member(`to${count}`, '홍길동');
  return { from, to, name: `from${count}` };
}

async function fill(page: Page, to: string, amount: string) {
  await page.getByLabel('To account number').fill(to);
  await page.getByText('홍*동').first().waitFor();
  await page.getByLabel('Amount').fill(amount);
}

const sent = async (who: { client: { get: <T>(path: string) => Promise<T> }; account: string }) =>
  (await who.client.get<{ data: { status: string }[] }>(`/transfers?account=${who.account}&kind=transfer`)).data.length;

test('a refusal is shown at its field, with what would be possible', async ({ visit }) => {
  const { from, to, name } = await two();
  await (await bank().as('admin')).patch(`/admin/accounts/${from.account}`, {
    version: await version(from.account),
    own_limit_per_transfer: 300_000,
  });
  const visitor = await visit();
  const { page } = visitor;
  await visitor.signIn(name);
  await visitor.open('/transfer');
  await fill(page, to.account, '400000');
  const amount = page.getByLabel('Amount');
  await page.locator('#root').getByText('At most ₩300,000 per transfer.').first().waitFor();
  expect(await amount.getAttribute('aria-invalid')).toBe('true');
  const described = await amount.getAttribute('aria-describedby');
  expect(await page.locator(`[id="${described}"]`).innerText()).toBe('At most ₩300,000 per transfer.');
  await visitor.checkAccess();
  await page.getByRole('button', { name: 'Use 300,000' }).click();
  await page.getByText('Free transfers left today: 2').waitFor();
  expect(await amount.getAttribute('aria-invalid')).toBe('false');
  expect(await amount.inputValue()).toBe('300,000');
});

test('an amount is read as a whole or not at all', async ({ visit }) => {
  const { from, to, name } = await two();
  const visitor = await visit();
  const { page } = visitor;
  await visitor.signIn(name);
  await visitor.open('/transfer');
  await fill(page, to.account, '1만 5천원');
  await page.getByText('Free transfers left today: 2').waitFor();
  const amount = page.getByLabel('Amount');
  for (const text of ['5달러', '12,50', '1.000', '1e5', '-5000']) {
    await amount.fill(text);
    await page.getByRole('button', { name: 'Review transfer' }).click();
    await page.locator('[name="amount"][aria-invalid="true"]').waitFor();
    expect(await amount.inputValue()).toBe(text);
  }
  // Digits are grouped while typed, and a typed comma stays.
  await amount.fill('');
  await amount.pressSequentially('12345');
  expect(await amount.inputValue()).toBe('12,345');
  await amount.fill('');
  await amount.pressSequentially('12,50');
  expect(await amount.inputValue()).toBe('12,50');
  await amount.fill('1만 5천원');
  await page.getByRole('button', { name: 'Review transfer' }).click();
  await page.getByRole('dialog').getByText('₩15,000').first().waitFor();
  await visitor.checkAccess();
  expect(await sent(from)).toBe(0);
});

async function version(number: string) {
  return (await (await bank().as('admin')).get<{ version: number }>(`/admin/accounts/${number}`)).version;
}

test('a wrong account number is reported without a request, an unknown one after it', async ({ visit }) => {
  const { to, name } = await two();
  const visitor = await visit();
  visitor.allow(/status of 404.*payees/);
  const { page } = visitor;
  await visitor.signIn(name);
  await visitor.open('/transfer');
  await page.getByLabel('To account number').fill(to.account.slice(0, -1) + ((Number(to.account.at(-1)) + 1) % 10));
  await page.getByText('There is a mistake in this number.').waitFor();
  await page.getByLabel('To account number').fill('NOBODY-1');
  await page.getByText('No account has this number.').waitFor();
  await page.getByLabel('To account number').fill(to.account.replace(/(\d{4})(?=\d)/g, '$1-'));
  await page.getByText('홍*동').first().waitFor();
});

test('a double click sends once', async ({ visit }) => {
  const { from, to, name } = await two();
  const visitor = await visit();
  const { page } = visitor;
  await visitor.signIn(name);
  await visitor.open('/transfer');
  await fill(page, to.account, '1000');
  await page.getByRole('button', { name: 'Review transfer' }).click();
  await page.getByRole('button', { name: 'Send ₩1,000' }).dblclick();
  await page.getByRole('status').getByText('Sent', { exact: true }).waitFor();
  expect(await sent(from)).toBe(1);
});

test('a reload during a transfer sends once', async ({ visit }) => {
  const { from, to, name } = await two();
  const visitor = await visit();
  const { page } = visitor;
  await visitor.signIn(name);
  await visitor.open('/transfer');
  await fill(page, to.account, '2000');
  // The bank carries it out, but the response is lost.
  let arrived = () => {};
  const there = new Promise<void>(resolve => {
    arrived = resolve;
  });
  await page.route('**/api/v1/transfers', async route => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.fetch();
    arrived();
  });
  await page.getByRole('button', { name: 'Review transfer' }).click();
  await page.getByRole('button', { name: 'Send ₩2,000' }).click();
  await there;
  expect(await sent(from)).toBe(1);
  await page.reload();
  await page.getByRole('heading', { name: 'No answer came' }).waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await visitor.checkAccess();
  await page.getByRole('button', { name: 'Finish it' }).click();
  await page.getByRole('status').getByText('Sent', { exact: true }).waitFor();
  expect(await sent(from)).toBe(1);
});

test('a lost connection sends once, also after a retry', async ({ visit }) => {
  const { from, to, name } = await two();
  const visitor = await visit();
  visitor.allow(/net::ERR_/);
  const { page } = visitor;
  await visitor.signIn(name);
  await visitor.open('/transfer');
  await fill(page, to.account, '3000');
  await page.route('**/api/v1/transfers', async route => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.fetch();
    await route.abort('connectionreset');
  });
  await page.getByRole('button', { name: 'Review transfer' }).click();
  await page.getByRole('button', { name: 'Send ₩3,000' }).click();
  await page.getByRole('heading', { name: 'No answer came' }).waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.getByRole('button', { name: 'Finish it' }).click();
  await page.getByRole('status').getByText('Sent', { exact: true }).waitFor();
  expect(await sent(from)).toBe(1);
});

test('a fee that has risen since it was confirmed is confirmed again', async ({ visit }) => {
  const { from, to, name } = await two();
  const admin = await bank().as('admin');
  const { version: of } = await admin.get<{ version: number }>('/admin/account-types/ordinary');
  await admin.patch('/admin/account-types/ordinary', { version: of, fee: 500 });
  const pay = () => from.client.post('/transfers', { from: from.account, to: to.account, amount: 1 });
  await pay();
  await pay();
  const visitor = await visit();
  visitor.allow(/status of 422|net::ERR_/);
  const { page } = visitor;
  await visitor.signIn(name);
  // Until the page has sent something, it gets the first quote again, so that it does not notice in time that the last
  // free transfer was used elsewhere.
  const bodies: unknown[] = [];
  page.on('request', request => {
    if (request.method() === 'POST' && request.url().endsWith('/transfers')) bodies.push(request.postDataJSON());
  });
  let first: string | undefined;
  await page.route('**/api/v1/quotes', async route => {
    if (first !== undefined && bodies.length === 0)
      return route.fulfill({ body: first, contentType: 'application/json' });
    const answer = await route.fetch();
    first ??= await answer.text();
    return route.fulfill({ response: answer });
  });
  await visitor.open('/transfer');
  await fill(page, to.account, '4000');
  await page.getByText('Free transfers left today: 0').waitFor();
  await page.getByRole('button', { name: 'Review transfer' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('There is no fee.').waitFor();
  await pay();
  const send = dialog.getByRole('button', { name: 'Send ₩4,000' });
  await send.click();
  await dialog.getByText('Nothing was sent: the fee is now higher').waitFor();
  await dialog.getByText('The fee is ₩500. In all, ₩4,500 leaves your account.').waitFor();
  expect(await sent(from)).toBe(3);
  await visitor.checkAccess();
  await send.click();
  await page.getByRole('status').getByText('Sent', { exact: true }).waitFor();
  expect(bodies).toMatchObject([{ most_fee: 0 }, { most_fee: 500 }]);
  expect(await sent(from)).toBe(4);
});
