import { expect, town } from '../test';
import { atDesk, loadAll } from './desk';

const { test, bank } = town();

const ROWS = 10_000;
const AT_A_TIME = 500;

test('a list of 10,000 rows is scrolled to its end with few of them in the page', async ({ visit }) => {
  const mina = await bank().member('mina', 'Mina Kim', 10_000_000);
  const joon = await bank().member('joon', 'Joon Lee');
  for (let sent = 0; sent < ROWS; sent += AT_A_TIME) {
    const transfers = Array.from({ length: AT_A_TIME }, () => ({ from: mina.account, to: joon.account, amount: 1 }));
    await mina.client.post('/transfers/batch', transfers);
  }
  const filter = encodeURIComponent(JSON.stringify({ account: joon.account }));
  const { page } = await atDesk(visit, 'admin', `/transfers?filter=${filter}`);
  await loadAll(page, ROWS);
  expect(await page.getByRole('row').count()).toBeLessThan(120);
  // The viewport shows rows at every position, not the placeholder.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    await page.evaluate(to => scrollTo(0, to), height * part);
    await expect
      .poll(
        () =>
          page.evaluate(() => {
            const found = document.elementFromPoint(500, innerHeight / 2)?.closest('tr');
            return found !== null && found !== undefined && !found.hasAttribute('aria-hidden');
          }),
        { message: `at ${part}` },
      )
      .toBe(true);
  }
}, 240_000);
