import { readFileSync } from 'node:fs';
import { expect, town } from './test';

const { test, bank } = town();

const ROWS = 10_000;
const AT_A_TIME = 500;

test('a statement of 10,000 entries is scrolled, searched, printed and exported', async ({ visit }) => {
  const mina = await bank().member('mina', 'Mina Kim', 10_000_000);
  const joon = await bank().member('joon', 'Joon Lee');
  for (let sent = 0; sent < ROWS; sent += AT_A_TIME) {
    const label = sent === 0 ? 'the first' : '';
    await mina.client.post(
      '/transfers/batch',
      Array.from({ length: AT_A_TIME }, (_, at) => ({
        from: mina.account,
        to: joon.account,
        amount: 1,
        receiver_label: at === 0 ? label : '',
      })),
    );
  }
  const visitor = await visit();
  const { page } = visitor;
  // The print dialog belongs to the browser, so the rows that would be printed are counted instead.
  await page.addInitScript(() => {
    const paper = globalThis as unknown as { printed: number[] };
    paper.printed = [];
    globalThis.print = () => {
      dispatchEvent(new Event('beforeprint'));
      paper.printed.push(document.querySelectorAll('main li').length);
      dispatchEvent(new Event('afterprint'));
    };
  });
  await visitor.signIn('joon');
  await visitor.open(`/accounts/${joon.account}`);
  const rows = page.locator('main li');
  await rows.first().waitFor();

  // Scrolling loads more without a click, and few rows are in the page.
  const first = page.getByRole('link', { name: 'the first' });
  await expect
    .poll(
      async () => {
        await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
        return first.count();
      },
      { timeout: 60_000, interval: 50 },
    )
    .toBe(1);
  expect(await rows.count()).toBeLessThan(400);
  for (const part of [0.1, 0.3, 0.7, 1]) {
    await page.evaluate(to => scrollTo(0, document.documentElement.scrollHeight * to), part);
    await expect
      .poll(
        () => page.evaluate(() => Boolean(document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest('li'))),
        { message: `at ${part}` },
      )
      .toBe(true);
  }

  // A statement that was not scrolled is printed completely too.
  await page.reload();
  await rows.first().waitFor();
  await page.getByRole('button', { name: 'Print' }).click();
  const printed = () => page.evaluate(() => (globalThis as unknown as { printed: number[] }).printed);
  await expect.poll(printed, { timeout: 60_000 }).toEqual([ROWS + 1]);
  await expect.poll(() => rows.count()).toBeLessThan(400);

  await page.getByLabel('Search entries').fill('the first');
  await expect.poll(() => rows.count()).toBe(1);
  await page.getByRole('button', { name: 'Print' }).click();
  await expect.poll(printed).toEqual([ROWS + 1, 1]);

  // The file contains what the page shows.
  const lines = async () => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    return readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\n').length;
  };
  expect(await lines()).toBe(2);
  await page.getByLabel('Search entries').fill('');
  await expect.poll(() => rows.count()).toBeGreaterThan(1);
  expect(await lines()).toBe(ROWS + 2);
}, 240_000);
