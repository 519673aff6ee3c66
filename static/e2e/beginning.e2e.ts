import { PASSWORD } from './bank';
import { town } from './test';

const empty = town({ withoutAdministrator: true });

empty.test('the link of the first start creates the first administrator', async ({ visit }) => {
  const link =
    empty
      .bank()
      .printed.map(line => /(\/setup#\S+)/.exec(line)?.[1])
      .find(Boolean) ?? '';
  const visitor = await visit();
  const { page } = visitor;
  await visitor.open(link);
  await page.getByRole('heading', { name: 'Set up the bank' }).waitFor();
  await visitor.checkAccess();
  await page.locator('input[name="username"]').fill('ada');
  await page.locator('input[name="name"]').fill('Ada Admin');
  await page.locator('input[name="email"]').fill('ada@example.com');
  await page.locator('input[name="password"]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await page.getByRole('link', { name: 'Staff desk' }).waitFor();
});

const settled = town();

settled.test('a password that somebody else set has to be changed first', async ({ visit }) => {
  const admin = await settled.bank().as('admin');
  const { one_time_password } = await admin.post<{ one_time_password: string }>('/admin/members', {
    username: 'mina',
    name: 'Mina Kim',
    email: 'mina@example.com',
  });
  const visitor = await visit();
  const { page } = visitor;
  await visitor.open('/');
  await page.locator('input[name="username"]').fill('mina');
  await page.locator('input[name="password"]').fill(one_time_password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Choose a password' }).waitFor();
  await visitor.checkAccess();
  await page.locator('input[name="current"]').fill(one_time_password);
  await page.locator('input[name="new"]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change password' }).click();
  await page
    .getByRole('heading', { name: 'You have no account yet' })
    .or(page.getByText('You have no account yet'))
    .first()
    .waitFor();
});
