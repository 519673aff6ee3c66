import { formatAccountNumber } from '../../src/format/accountNumber';
import { addDays, today } from '../../src/format/dates';
import { expect, town } from '../test';
import { atDesk, hire } from './desk';

const { test, bank } = town();

test('a teller books a deposit and a withdrawal, with errors at their fields', async ({ visit }) => {
  await hire(bank(), 'theo', 'teller');
  const mina = await bank().member('mina', 'Mina Kim');
  const balance = async () => (await mina.client.get<{ posted: number }>(`/accounts/${mina.account}`)).posted;
  const visitor = await atDesk(visit, 'theo', '/counter');
  const { page } = visitor;
  visitor.allow(/422/);
  // A number that no account has.
  visitor.allow(/status of 404.*admin\/accounts/);
  await page.getByLabel('Account number').fill(mina.account);
  await page.getByText('Mina Kim').waitFor();
  await page.getByLabel('Amount').fill('50000');
  expect(await page.getByLabel('Amount').inputValue()).toBe('50,000');
  await page.getByLabel('Label').fill('cash');
  await page.getByRole('button', { name: 'Book deposit' }).click();
  await page
    .getByRole('dialog')
    .getByText(`Deposit of 50,000 KRW, account ${formatAccountNumber(mina.account)}, Mina Kim.`)
    .waitFor();
  // A double click books once.
  await page.getByRole('dialog').getByRole('button', { name: 'Book deposit' }).dblclick();
  await page.getByText('Deposit booked: 50,000 KRW').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await balance()).toBe(50_000);

  await page.getByRole('button', { name: 'Withdrawal' }).click();
  await page.getByLabel('Amount').fill('60000');
  await page.getByRole('button', { name: 'Book withdrawal' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Book withdrawal' }).click();
  await page.getByText('The available amount is too small.').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.getByLabel('Amount').getAttribute('aria-invalid')).toBe('true');
  await page.getByLabel('Amount').fill('20000');
  await page.getByRole('button', { name: 'Book withdrawal' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Book withdrawal' }).click();
  await page.getByText('Withdrawal booked: 20,000 KRW').waitFor();
  expect(await balance()).toBe(30_000);

  await page.getByLabel('Account number').fill('000000000000');
  await page.getByText('No account has this number').waitFor();
});

test('a teller reverses a deposit in parts, and not more than its amount', async ({ visit }) => {
  const joon = await bank().member('joon', 'Joon Lee', 9_000);
  const sora = await bank().member('sora', 'Sora Yoon');
  await joon.client.post('/transfers', { from: joon.account, to: sora.account, amount: 4_000 });
  const visitor = await atDesk(visit, 'theo', `/accounts/${sora.account}/show`);
  const { page } = visitor;
  const dialog = page.getByRole('dialog');
  await page.getByRole('region', { name: 'Latest entries' }).getByRole('link').first().click();
  await page.getByRole('heading', { name: 'Transfer', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Reverse' }).click();
  await dialog.getByLabel('Amount').fill('1000');
  await dialog.getByRole('button', { name: 'Reverse' }).click();
  await page.getByRole('heading', { name: 'Reversal', level: 1 }).waitFor();
  // The field starts with what is left, which is the maximum.
  await page.getByRole('link', { name: /^[0-9a-f-]{36}$/ }).click();
  await page.getByText('Can still be reversed').waitFor();
  await page.getByRole('button', { name: 'Reverse' }).click();
  expect(await dialog.getByLabel('Amount').inputValue()).toBe('3,000');
  await dialog.getByLabel('Amount').fill('3001');
  expect(await dialog.getByRole('button', { name: 'Reverse' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Amount').fill('3000');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Reversal', level: 1 }).waitFor();
  expect((await joon.client.get<{ posted: number }>(`/accounts/${joon.account}`)).posted).toBe(9_000);
  await page.getByRole('link', { name: /^[0-9a-f-]{36}$/ }).click();
  await page.getByText('Can still be reversed').waitFor();
  expect(await page.getByRole('button', { name: 'Reverse' }).count()).toBe(0);
});

test('one of several linked transfers is opened and reversed by itself', async ({ visit }) => {
  const nari = await bank().member('nari', 'Nari Kim', 5_000);
  const owen = await bank().member('owen', 'Owen Lee', 5_000);
  const transfer = (from: string, to: string, amount: number) => ({ type: 'transfer', from, to, amount });
  const steps = [transfer(nari.account, owen.account, 700), transfer(owen.account, nari.account, 40)];
  await (await bank().as('theo')).post('/linked', { steps });
  const { page } = await atDesk(visit, 'theo', `/accounts/${nari.account}/show`);
  await page
    .getByRole('region', { name: 'Latest entries' })
    .getByRole('row')
    .filter({ hasText: '700 KRW' })
    .getByRole('link')
    .first()
    .click();
  await page
    .getByRole('region', { name: 'Transfers that were booked together' })
    .getByRole('link', { name: '2' })
    .click();
  await page
    .getByRole('region', { name: 'Transfers that were booked together' })
    .getByRole('link', { name: '1' })
    .waitFor();
  await page.getByRole('button', { name: 'Reverse' }).click();
  expect(await page.getByRole('dialog').getByLabel('Amount').inputValue()).toBe('40');
  await page.getByRole('dialog').getByRole('button', { name: 'Reverse' }).click();
  await page.getByRole('heading', { name: 'Reversal', level: 1 }).waitFor();
  expect((await owen.client.get<{ posted: number }>(`/accounts/${owen.account}`)).posted).toBe(5_700);
});

test('a teller places a hold, settles a part and releases the rest', async ({ visit }) => {
  const payer = await bank().member('haram', 'Haram Kim', 10_000);
  const payee = await bank().member('dohee', 'Dohee Lee');
  const balance = async ({ client, account }: typeof payer) =>
    (await client.get<{ posted: number }>(`/accounts/${account}`)).posted;
  const visitor = await atDesk(visit, 'theo', '/holds');
  visitor.allow(/422/);
  const { page } = visitor;
  await page.getByRole('link', { name: 'Place hold' }).click();
  await page.getByLabel('From account number').fill(payer.account);
  await page.getByLabel('To account number').fill(payee.account);
  await page.getByText('Dohee Lee').waitFor();
  await page.getByLabel('Amount').fill('10001');
  const { time_zone: zone } = await payer.client.get<{ time_zone: string }>('/meta');
  await page.getByLabel('Last day').fill(addDays(today(zone), 3));
  await page.getByLabel("Receiver's label").fill('deposit');
  await page.getByRole('button', { name: 'Place hold' }).click();
  await page
    .getByRole('dialog')
    .getByText(
      /^Hold 10,001 KRW of account .*, Haram Kim, for account .*, Dohee Lee\. What is not settled by the end of/,
    )
    .waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Place hold' }).click();
  await page.getByText('The available amount is too small.').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.getByLabel('Amount').getAttribute('aria-invalid')).toBe('true');
  await page.getByLabel('Amount').fill('6000');
  await page.getByRole('button', { name: 'Place hold' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Place hold' }).click();
  await page.getByText('Hold placed: 6,000 KRW').waitFor();

  await page.getByRole('menuitem', { name: 'Holds' }).click();
  const row = page.getByRole('row').filter({ hasText: formatAccountNumber(payer.account) });
  await row.getByRole('button', { name: 'Settle' }).click();
  await page.getByRole('dialog').getByLabel('Amount').fill('2500');
  await page.getByRole('dialog').getByRole('button', { name: 'Settle' }).click();
  await row.getByText('3,500 KRW').waitFor();
  expect([await balance(payer), await balance(payee)]).toEqual([7_500, 2_500]);

  // Another teller, who did not place the hold, has no button.
  await hire(bank(), 'tina', 'teller');
  const other = (await atDesk(visit, 'tina', '/holds')).page;
  const foreign = other.getByRole('row').filter({ hasText: formatAccountNumber(payer.account) });
  await foreign.waitFor();
  expect(await foreign.getByRole('button', { name: 'Settle' }).count()).toBe(0);

  await row.getByRole('link').first().click();
  await page.getByText('Placed by').waitFor();
  await page.getByRole('button', { name: 'Settle' }).click();
  await page.getByRole('dialog').getByLabel('Amount').fill('500');
  await page.getByRole('dialog').getByLabel('Release the rest').check();
  await page.getByRole('dialog').getByRole('button', { name: 'Settle' }).click();
  await expect.poll(() => page.getByRole('button', { name: 'Settle' }).count()).toBe(0);
  expect([await balance(payer), await balance(payee)]).toEqual([7_000, 3_000]);
  // The statement shows the label.
  const { data } = await payee.client.get<{ data: { kind: string; label: string }[] }>(
    `/accounts/${payee.account}/entries`,
  );
  expect(data.filter(entry => entry.kind === 'settled_in').map(entry => entry.label)).toEqual(['deposit', 'deposit']);
});

test('a teller books linked transfers, with errors at their steps', async ({ visit }) => {
  const yuna = await bank().member('yuna', 'Yuna Kim', 5_000);
  const zion = await bank().member('zion', 'Zion Lee', 100);
  const balance = async ({ client, account }: typeof yuna) =>
    (await client.get<{ posted: number }>(`/accounts/${account}`)).posted;
  const hold = await (await bank().as('theo')).post<{ id: string }>('/holds', {
    from: yuna.account,
    to: zion.account,
    amount: 1_000,
  });
  const visitor = await atDesk(visit, 'theo', `/counter?kind=linked&account=${yuna.account}`);
  visitor.allow(/422/);
  const { page } = visitor;
  const step = (place: number) => page.getByRole('group', { name: `Step ${place}` });
  await step(1).getByLabel('To account number').fill(zion.account);
  await step(1).getByLabel('Amount').fill('400');
  await step(2).getByLabel('From account number').fill(zion.account);
  await step(2).getByLabel('To account number').fill(yuna.account);
  await step(2).getByLabel('Amount').fill('501');
  await page.getByRole('button', { name: 'Add a step' }).click();
  await step(3).getByRole('combobox').click();
  await page.getByRole('option', { name: 'Settle' }).click();
  await step(3).getByLabel('Id of the hold').fill(hold.id);
  await step(3).getByText('1,000 KRW').waitFor();
  const book = async () => {
    await page.getByRole('button', { name: 'Book together' }).click();
    await page.getByRole('dialog').getByText('Book 3 steps, all or none?').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Book together' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };
  await book();
  await step(2).getByText('The available amount is too small.').waitFor();
  expect(await step(1).getByLabel('Amount').getAttribute('aria-invalid')).toBe('false');
  expect([await balance(yuna), await balance(zion)]).toEqual([5_000, 100]);
  await step(2).getByLabel('Amount').fill('500');
  await book();
  await page.getByText('3 transfers booked').waitFor();
  expect([await balance(yuna), await balance(zion)]).toEqual([4_100, 1_000]);
  await visitor.checkAccess();
});
