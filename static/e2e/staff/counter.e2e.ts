import { shown } from '../../src/format/number';
import { expect, town } from '../test';
import { atDesk, hire } from './desk';

const { test, bank } = town();

test('a teller books a deposit and a withdrawal, and reads at the field what is refused', async ({ visit }) => {
  await hire(bank(), 'theo', 'teller');
  const mina = await bank().member('mina', 'Mina Kim');
  const balance = async () => (await mina.client.get<{ posted: number }>(`/accounts/${mina.account}`)).posted;
  const visitor = await atDesk(visit, 'theo', '/counter');
  const { page } = visitor;
  visitor.allow(/422/);
  await page.getByLabel('Account number').fill(mina.account);
  await page.getByText('Mina Kim').waitFor();
  await page.getByLabel('Amount').fill('50000');
  expect(await page.getByLabel('Amount').inputValue()).toBe('50,000');
  await page.getByLabel('Label').fill('cash');
  await page.getByRole('button', { name: 'Book deposit' }).click();
  await page.getByRole('dialog').getByText(`Deposit of 50,000 KRW, account ${shown(mina.account)}, Mina Kim.`).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Deposit booked: 50,000 KRW').waitFor();
  expect(await balance()).toBe(50_000);

  await page.getByRole('button', { name: 'Withdrawal' }).click();
  await page.getByLabel('Amount').fill('60000');
  await page.getByRole('button', { name: 'Book withdrawal' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('The account does not have that much.').waitFor();
  expect(await page.getByLabel('Amount').getAttribute('aria-invalid')).toBe('true');
  await page.getByLabel('Amount').fill('20000');
  await page.getByRole('button', { name: 'Book withdrawal' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Withdrawal booked: 20,000 KRW').waitFor();
  expect(await balance()).toBe(30_000);

  await page.getByLabel('Account number').fill('000000000000');
  await page.getByText('There is no such account').waitFor();
});

test('a teller reverses what was booked wrongly, once', async ({ visit }) => {
  const joon = await bank().member('joon', 'Joon Lee', 9_000);
  const sora = await bank().member('sora', 'Sora Yoon');
  await joon.client.post('/transfers', { from: joon.account, to: sora.account, amount: 4_000 });
  const visitor = await atDesk(visit, 'theo', `/accounts/${sora.account}/show`);
  const { page } = visitor;
  await page.getByRole('region', { name: 'Latest entries' }).getByRole('link').first().click();
  await page.getByRole('heading', { name: 'Transfer', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Reverse' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reverse' }).click();
  await page.getByRole('heading', { name: 'Reversal', level: 1 }).waitFor();
  expect((await joon.client.get<{ posted: number }>(`/accounts/${joon.account}`)).posted).toBe(9_000);
  await page.getByRole('link', { name: /^[0-9a-f-]{36}$/ }).click();
  await page.getByRole('button', { name: 'Reverse' }).click();
  visitor.allow(/422/);
  await page.getByRole('dialog').getByRole('button', { name: 'Reverse' }).click();
  await page.getByRole('dialog').getByRole('alert').waitFor();
});
