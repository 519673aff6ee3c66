import { town } from './test';

const { test, bank } = town();

test('somebody joins, opens an account and sends money', async ({ visit }) => {
  const joon = await bank().member('joon', '홍길동');
  const visitor = await visit();
  const { page } = visitor;
  await visitor.open('/');
  await visitor.checkAccess();
  await page.getByRole('link', { name: 'Become a customer' }).click();
  await visitor.checkAccess();
  await page.getByLabel('Username').fill('mina');
  await page.getByLabel('Your name').fill('Mina Kim');
  await page.getByLabel('E-mail').fill('mina@example.com');
  await page.getByLabel('Password', { exact: true }).fill('kq8!hz2w of the town');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await page.getByRole('button', { name: 'Open account' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Open account' }).click();
  const account = page.getByRole('main').getByRole('listitem').first();
  const number = (await account.getByText(/^\d{4}-\d{4}-\d{4}$/).innerText()).replaceAll('-', '');
  await visitor.checkAccess();
  await bank().deposit(number, 100_000);
  await page.getByText('₩100,000').first().waitFor();

  await account.getByRole('link', { name: /Transfer from/ }).click();
  await page.getByLabel('To account number').fill(joon.account);
  await page.getByText('홍*동').first().waitFor();
  await page.getByLabel('Amount').fill('12500');
  await page.getByRole('button', { name: 'Review transfer' }).click();
  await page.getByRole('dialog').getByText(/₩12,500 goes from/).waitFor();
  await visitor.checkAccess();
  await page.getByRole('button', { name: 'Send ₩12,500' }).click();
  await page.getByRole('status').getByText('Sent', { exact: true }).waitFor();
  await visitor.checkAccess();
});
