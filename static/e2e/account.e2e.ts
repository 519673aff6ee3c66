import { readFileSync } from 'node:fs';
import { expect, town } from './test';

const { test, bank } = town();

test('entries are searched, filtered by date, printed and exported', async ({ visit }) => {
  const mina = await bank().member('mina', 'Mina Kim', 500_000);
  const joon = await bank().member('joon', '홍길동');
  for (const [amount, label] of [
    [1_000, 'coffee'],
    [2_000, 'books'],
    [3_000, 'coffee'],
  ] as const) {
    await mina.client.post('/transfers', { from: mina.account, to: joon.account, amount, sender_label: label });
  }
  const visitor = await visit();
  const { page } = visitor;
  await visitor.signIn('mina');
  await visitor.open(`/accounts/${mina.account}`);
  const rows = page.locator('main section section li');
  await rows.first().waitFor();
  const all = await rows.count();
  expect(all).toBeGreaterThanOrEqual(4);
  await page.getByLabel('Search entries').fill('coffee');
  await expect.poll(() => rows.count()).toBe(2);
  await visitor.checkAccess();

  // The filters are in the address, so they survive a reload.
  await page.reload();
  await expect.poll(() => rows.count()).toBe(2);
  await page.getByLabel('Search entries').fill('');
  await page.getByLabel('From', { exact: true }).fill('2020-01-01');
  await page.getByLabel('To', { exact: true }).fill('2020-01-31');
  await page.getByText('No entries match.').waitFor();
  await page.getByRole('combobox', { name: 'Period' }).click();
  await page.getByRole('option', { name: '7 days' }).click();
  await expect.poll(() => rows.count()).toBe(all);

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ]);
  expect(file.suggestedFilename()).toBe(`${mina.account}.csv`);
  const lines = readFileSync(await file.path(), 'utf8')
    .trim()
    .split('\n');
  expect(lines[0]).toContain('change');
  expect(lines.filter(line => line.includes('coffee'))).toHaveLength(2);

  // Only the statement is printed, in the light theme whatever the screen's.
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  expect(await page.locator('nav').isVisible()).toBe(false);
  expect(await page.getByText(/Statement · Mina Kim/).isVisible()).toBe(true);
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toMatch(
    /^rgb\((2[45]\d, ?){2}2[45]\d\)$/,
  );
  await page.emulateMedia({ media: 'screen' });

  await page.getByRole('link', { name: 'books' }).click();
  await page.getByRole('heading', { name: 'Transfer receipt' }).waitFor();
  await page.getByText('₩2,000').first().waitFor();
});

test('the payee has a receipt too, without the sender’s private details', async ({ visit }) => {
  const [haeun, sora] = [await bank().member('haeun', '박하은', 50_000), await bank().member('sora', '윤소라')];
  const { id } = await haeun.client.post<{ id: string }>('/transfers', {
    from: haeun.account,
    to: sora.account,
    amount: 7_000,
    sender_label: 'secret',
    receiver_label: 'thanks',
  });
  const visitor = await visit();
  const { page } = visitor;
  await visitor.signIn('sora');
  await visitor.open(`/transfers/${id}`);
  await page.getByRole('status').getByText('Received', { exact: true }).waitFor();
  await page.getByText('thanks').waitFor();
  await page.getByText(/박\*은/).waitFor();
  expect(await page.getByText('secret').count()).toBe(0);
});
