import { formatAccountNumber } from '../../src/format/accountNumber';
import { expect, town } from '../test';
import { atDesk, hire } from './desk';

const { test, bank } = town();

interface Quote {
  granted: boolean;
  refusal?: { code: string };
}

test('an administrator edits a limit, the member’s quote changes, and the history shows who did it', async ({
  visit,
}) => {
  const mina = await bank().member('mina', 'Mina Kim', 100_000);
  const joon = await bank().member('joon', 'Joon Lee');
  const ask = () => mina.client.post<Quote>('/quotes', { from: mina.account, to: joon.account, amount: 50_000 });
  expect((await ask()).granted).toBe(true);

  const visitor = await atDesk(visit, 'admin', '/accounts');
  const { page } = visitor;
  await page.getByRole('searchbox', { name: 'Search' }).fill('mina');
  await page.getByText('1 row', { exact: true }).waitFor();
  await page.getByRole('link', { name: formatAccountNumber(mina.account) }).click();
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByRole('combobox', { name: 'Limit per transfer' }).click();
  await page.getByRole('option', { name: 'An amount' }).click();
  await page.getByLabel('Limit per transfer: amount').fill('30000');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('30,000 KRW · its own').waitFor();
  const quote = await ask();
  expect([quote.granted, quote.refusal?.code]).toEqual([false, 'limit_per_transfer']);
  const history = page.getByRole('listitem').filter({ hasText: 'changed a limit per transfer' });
  await history.getByText('admin', { exact: true }).waitFor();

  // The list is as it was left.
  await page.getByRole('link', { name: 'Go back' }).click();
  await page.getByText('1 row', { exact: true }).waitFor();
  expect(await page.getByRole('searchbox', { name: 'Search' }).inputValue()).toBe('mina');
});

test('the service’s errors are shown at their fields', async ({ visit }) => {
  const visitor = await atDesk(visit, 'admin', '/members/create');
  visitor.allow(/409/, /400/);
  const { page } = visitor;
  await bank().member('haeun', 'Haeun Jung');
  await page.getByLabel('Username').fill('haeun');
  await page.locator('input[name="name"]').fill('Somebody else');
  await page.getByLabel('E-mail').fill('else@example.com');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByLabel('Username').and(page.locator('[aria-invalid="true"]')).waitFor();
  await page.locator('form').getByText('The username is taken.').waitFor();
  await page.getByLabel('Username').fill('sora');
  await page.getByRole('button', { name: 'Save' }).click();
  await page
    .getByRole('dialog', { name: 'One-time password' })
    .getByText(/^[a-z0-9-]{12,}$/)
    .waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await page.getByRole('heading', { name: 'Somebody else', level: 1 }).waitFor();
});

test('an auditor sees everything and no action; a teller sees only a teller’s', async ({ visit }) => {
  await hire(bank(), 'auda', 'auditor');
  await hire(bank(), 'theo', 'teller');
  const account = await bank().member('seoyeon', 'Seoyeon Park', 1_000);

  const auditor = (await atDesk(visit, 'auda', `/accounts/${account.account}/show`)).page;
  await auditor.getByRole('heading', { name: 'Balances' }).waitFor();
  await auditor.getByRole('heading', { name: 'History' }).waitFor();
  for (const name of ['Edit', 'Counter', 'Create'])
    expect(await auditor.getByRole('link', { name }).count(), name).toBe(0);
  for (const name of ['Freeze', 'Close'])
    expect(await auditor.getByRole('button', { name, exact: true }).count(), name).toBe(0);
  for (const place of ['Members', 'Tokens', 'Audit log', 'Engine'])
    await auditor.getByRole('menuitem', { name: place }).waitFor();
  await auditor.getByRole('menuitem', { name: 'Tokens' }).click();
  await auditor.getByRole('heading', { name: 'Tokens', level: 1 }).waitFor();

  const teller = (await atDesk(visit, 'theo', `/accounts/${account.account}/show`)).page;
  await teller.getByRole('heading', { name: 'Balances' }).waitFor();
  expect(await teller.getByRole('link', { name: 'Edit' }).count()).toBe(0);
  expect(await teller.getByRole('heading', { name: 'History' }).count()).toBe(0);
  expect(await teller.getByRole('menuitem', { name: 'Audit log' }).count()).toBe(0);
  await teller.getByRole('menuitem', { name: 'Counter' }).waitFor();
});
