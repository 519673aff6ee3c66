/** A changed form is not a second request while the outcome of the first is unknown. */
import { formatAccountNumber } from '../../src/format/accountNumber';
import { expect, town } from '../test';
import { atDesk, hire } from './desk';

const { test, bank } = town();

test('a settlement whose answer was lost is finished before another amount is settled', async ({ visit }) => {
  const payer = await bank().member('hani', 'Hani Park', 10_000);
  const payee = await bank().member('doyun', 'Doyun Lee');
  const received = async () => (await payee.client.get<{ posted: number }>(`/accounts/${payee.account}`)).posted;
  await hire(bank(), 'theo', 'teller');
  const visitor = await atDesk(visit, 'theo', '/counter?kind=hold');
  visitor.allow(/net::ERR_/);
  const { page } = visitor;
  await page.getByLabel('From account number').fill(payer.account);
  await page.getByLabel('To account number').fill(payee.account);
  await page.getByText('Doyun Lee').waitFor();
  await page.getByLabel('Amount').fill('6000');
  await page.getByRole('button', { name: 'Place hold' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Place hold' }).click();
  await page.getByText('Hold placed: 6,000 KRW').waitFor();

  await page.getByRole('menuitem', { name: 'Holds' }).click();
  const row = page.getByRole('row').filter({ hasText: formatAccountNumber(payer.account) });
  const dialog = page.getByRole('dialog');
  const settle = async (amount: string) => {
    await row.getByRole('button', { name: 'Settle' }).click();
    await dialog.getByLabel('Amount').fill(amount);
    await dialog.getByRole('button', { name: 'Settle' }).click();
  };
  await page.route('**/api/v1/transfers/*/settle', async route => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  await settle('2000');
  await page.getByRole('heading', { name: 'No answer came' }).waitFor();
  expect(await received()).toBe(2_000);
  await page.unrouteAll({ behavior: 'ignoreErrors' });

  await settle('3000');
  await dialog.getByText('An earlier request has no answer yet.').waitFor();
  await visitor.checkAccess();
  expect(await received()).toBe(2_000);
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('button', { name: 'Finish it' }).click();
  await page.getByText(/^Settlement of ₩2,000 .*: done\.$/).waitFor();
  expect(await received()).toBe(2_000);
  await settle('3000');
  await dialog.waitFor({ state: 'detached' });
  await expect.poll(received).toBe(5_000);
});
