import { PASSWORD } from './bank';
import { expect, town } from './test';

const { test, bank } = town();

test('a new member signs up, opens an account and sends money', async ({ visit }) => {
  const joon = await bank().member('joon', '홍길동');
  const visitor = await visit();
  const { page } = visitor;
  await visitor.open('/');
  await page.getByRole('link', { name: 'Become a customer' }).click();
  await page.locator('input[name="username"]').fill('mina');
  await page.locator('input[name="name"]').fill('Mina Kim');
  await page.locator('input[name="email"]').fill('mina@example.com');
  await page.locator('input[name="password"]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('button', { name: 'Open account' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Open account' }).click();
  const account = page.getByRole('main').getByRole('listitem').first();
  const number = (await account.getByText(/^\d{4}-\d{4}-\d{4}$/).innerText()).replaceAll('-', '');
  await bank().deposit(number, 100_000);
  await account.getByText('₩100,000').first().waitFor();

  await account.getByRole('link', { name: /Transfer from/ }).click();
  await page.getByLabel('To account number').fill(joon.account);
  await page.getByText('홍*동').first().waitFor();
  await page.getByLabel('Amount').fill('12500');
  await page.getByRole('button', { name: 'Review transfer' }).click();
  await page
    .getByRole('dialog')
    .getByText(/₩12,500 goes from/)
    .waitFor();
  await visitor.checkAccess();
  await page.getByRole('button', { name: 'Send ₩12,500' }).click();
  await page.getByRole('status').getByText('Sent', { exact: true }).waitFor();
  await visitor.checkAccess();
  const { posted } = await joon.client.get<{ posted: number }>(`/accounts/${joon.account}`);
  expect(posted).toBe(12_500);
});

test('errors of the sign-up form are shown at their fields', async ({ visit }) => {
  const visitor = await visit();
  visitor.allow(/status of 4(00|09|01)/);
  const { page } = visitor;
  await visitor.open('/sign-up');
  await page.locator('input[name="username"]').fill('joon');
  await page.locator('input[name="name"]').fill('Another');
  await page.locator('input[name="email"]').fill('another@example.com');
  await page.locator('input[name="password"]').fill('password1');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('This password is too common.').waitFor();
  expect(await page.locator('input[name="password"]').getAttribute('aria-invalid')).toBe('true');
  await page.locator('input[name="password"]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByText('This username is taken.').waitFor();
  expect(await page.locator('input[name="username"]').getAttribute('aria-invalid')).toBe('true');
});
