import { readFile } from 'node:fs/promises';
import { formatAccountNumber } from '../../src/format/accountNumber';
import { today } from '../../src/format/dates';
import { expect, town } from '../test';
import { atDesk } from './desk';

const { test, bank } = town();

const NAMES = ['Alice', 'Bora', 'Chan', 'Dana', 'Eun', 'Fritz'];

test('a list is searched, filtered, drilled into by date, sorted by two columns and changed in bulk', async ({
  visit,
}) => {
  const accounts: string[] = [];
  for (const [at, name] of NAMES.entries())
    accounts.push((await bank().member(name.toLowerCase(), name, (at % 2) * 1_000)).account);
  const visitor = await atDesk(visit, 'admin', '/accounts');
  const { page } = visitor;
  const filters = page.getByRole('complementary', { name: 'Filters' });
  // The bank's own accounts, which cancel every sum out, are not counted.
  await page.getByText('Customers have 3,000 KRW in 6 accounts', { exact: true }).waitFor();
  await filters.getByRole('button', { name: /^ordinary 6$/ }).click();
  await page.getByText('6 rows', { exact: true }).waitFor();
  await page.waitForURL(/ordinary/);

  const { time_zone: zone } = await (await bank().as('admin')).get<{ time_zone: string }>('/meta');
  const year = today(zone).slice(0, 4);
  await filters.getByRole('button', { name: new RegExp(`^${year} 6$`) }).click();
  await filters.getByRole('button', { name: new RegExp(`[A-Z][a-z]+ ${year} 6$`) }).click();
  await filters.getByRole('button', { name: /^[A-Z][a-z]{2},? \d{1,2} [A-Z][a-z]+ 6$/ }).click();
  await page.waitForURL(url => /"opened":"\d{4}-\d{2}-\d{2}"/.test(url.searchParams.get('filter') ?? ''));
  await page.getByText('6 rows', { exact: true }).waitFor();

  await page.getByRole('button', { name: 'Balance' }).click();
  await page.waitForURL(/sort=posted(&|$)/);
  await page.getByRole('button', { name: 'Owner' }).click({ modifiers: ['Shift'] });
  await page.waitForURL(/sort=posted%2Cname/);
  await page.getByRole('button', { name: 'Owner' }).click({ modifiers: ['Shift'] });
  await page.waitForURL(/sort=posted%2C-name/);
  const owners = () => page.locator('tbody tr td:nth-child(3)').allInnerTexts();
  await expect.poll(owners).toEqual(['Eun', 'Chan', 'Alice', 'Fritz', 'Dana', 'Bora']);

  const rows = page.getByRole('row');
  for (const name of ['Eun', 'Chan']) await rows.filter({ hasText: name }).getByRole('checkbox').check();
  await page.getByText('2 items selected').waitFor();
  await page.getByRole('button', { name: 'Freeze', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Freeze' });
  await dialog.getByText('Freeze 2 accounts?').waitFor();
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('2 changed').waitFor();
  await filters.getByRole('button', { name: /^Frozen 2$/ }).click();
  await page.getByText('2 rows', { exact: true }).waitFor();

  // A saved filter restores the list.
  await filters.getByRole('button', { name: /Save current query/ }).click();
  await filters.getByLabel('Query name').fill('frozen ones');
  await filters.getByRole('button', { name: 'Save', exact: true }).click();
  await filters.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText(/^\d+ rows$/).waitFor();
  await filters.getByRole('button', { name: 'frozen ones', exact: true }).click();
  await page.getByText('2 rows', { exact: true }).waitFor();

  await page.getByRole('link', { name: formatAccountNumber(accounts[2] ?? '') }).click();
  await page
    .getByRole('listitem')
    .filter({ hasText: 'changed a freeze' })
    .getByText('admin', { exact: true })
    .waitFor();
});

test('columns are chosen, and everything that matches is exported as CSV', async ({ visit }) => {
  const { page } = await atDesk(visit, 'admin', '/members');
  await page.getByRole('columnheader', { name: 'E-mail' }).waitFor();
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('switch', { name: 'E-mail' }).uncheck();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('columnheader', { name: 'E-mail' }).count()).toBe(0);
  await page.getByRole('searchbox', { name: 'Search' }).fill('alice');
  await page.getByText('1 row', { exact: true }).waitFor();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  const text = await readFile(await file.path(), 'utf8');
  expect(text).toContain('alice@example.com');
  expect(text).not.toContain('bora@example.com');
});

test('amounts are searched as people write them, in their currency', async ({ visit }) => {
  const admin = await bank().as('admin');
  const { id: owner } = (await (await bank().as('bora')).get<{ member: { id: string } }>('/session')).member;
  await admin.post('/admin/account-types', { code: 'dollars', name: 'Dollars', currency: 'USD' });
  const { number } = await admin.post<{ number: string }>('/admin/accounts', { owner, type: 'dollars' });
  // In minor units, as many as 3,000 won and more.
  for (const amount of [1_000, 3_000, 123_450]) await admin.post('/deposits', { to: number, amount });
  const visitor = await atDesk(visit, 'admin', '/transfers');
  const { page } = visitor;
  const amounts = () => page.locator('tbody tr td:nth-child(6)').allInnerTexts();
  await page.getByText('1,234.50 USD').waitFor();
  const filters = page.getByRole('complementary', { name: 'Filters' });
  // An amount means nothing without a currency.
  expect(await filters.getByLabel('At least').isDisabled()).toBe(true);
  await visitor.checkAccess();
  await filters.getByLabel('Currency').click();
  await page.getByRole('option', { name: 'USD' }).click();
  await filters.getByLabel('At least').fill('30');
  await expect.poll(amounts).toEqual(['1,234.50 USD', '30.00 USD']);
  await filters.getByLabel('At most').fill('1,234.49');
  await expect.poll(amounts).toEqual(['30.00 USD']);
  await filters.getByLabel('Currency').click();
  await page.getByRole('option', { name: 'KRW' }).click();
  // Dollars do not match an amount in won.
  expect(await filters.getByLabel('At least').inputValue()).toBe('');
  await filters.getByLabel('At least').fill('1천원');
  await expect.poll(amounts).toEqual(['1,000 KRW', '1,000 KRW', '1,000 KRW']);
  await filters.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText('1,234.50 USD').waitFor();
  expect(await filters.getByLabel('At least').isDisabled()).toBe(true);
});
