/** Measures how long lists scroll, for `npm run measure`. */
import type { Page } from 'playwright-core';
import { PASSWORD } from './bank';
import { atDesk, loadAll } from './staff/desk';
import { town } from './test';
import { Visitor } from './visitor';

const { test, bank, browser } = town();

/** A list of this many rows is scrolled by 100 px per frame, faster than anybody reads. */
const ROWS = 10_000;
const FRAMES = 600;

/** Creates two members with many transfers between them. */
async function busy(from: string, to: string) {
  const sender = await bank().member(from, 'Lee Park', 10_000_000);
  const receiver = await bank().member(to, 'Joon Lee');
  const transfers = Array.from({ length: 500 }, () => ({ from: sender.account, to: receiver.account, amount: 1 }));
  for (let sent = 0; sent < ROWS; sent += transfers.length) await sender.client.post('/transfers/batch', transfers);
  return receiver;
}

async function scroll(page: Page, what: string) {
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(500);
  const took = await page.evaluate(
    frames =>
      new Promise<number[]>(resolve => {
        const found: number[] = [];
        let before = performance.now();
        const step = (now: number) => {
          found.push(now - before);
          before = now;
          scrollBy(0, 100);
          if (found.length < frames) requestAnimationFrame(step);
          else resolve(found.slice(1));
        };
        requestAnimationFrame(step);
      }),
    FRAMES,
  );
  const median = [...took].sort((a, b) => a - b)[Math.floor(took.length / 2)] ?? 0;
  const slow = took.filter(ms => ms > 50).length;
  console.log(
    `\n${what}: 10,000 rows, ${FRAMES} frames of 100 px: median ${median.toFixed(1)} ms a frame, longest ${Math.max(...took).toFixed(0)} ms, ${slow} of more than 50 ms`,
  );
}

test('scrolling the staff’s transfers', async () => {
  const { account } = await busy('lee', 'joon');
  const visitor = await atDesk(
    () => Visitor.come(browser(), bank().url),
    'admin',
    `/transfers?filter=${encodeURIComponent(JSON.stringify({ account }))}`,
  );
  const { page } = visitor;
  await loadAll(page, ROWS);
  await scroll(page, 'the staff’s transfers');
  await visitor.leave();
});

test('scrolling a member’s statement', async () => {
  const { account } = await busy('mina', 'sora');
  const visitor = await Visitor.come(browser(), bank().url);
  const { page } = visitor;
  await visitor.signIn('sora', PASSWORD);
  await visitor.open(`/accounts/${account}`);
  await page.locator('main li').first().waitFor();
  while (await page.getByRole('button', { name: 'Show more' }).count()) {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForTimeout(20);
  }
  await scroll(page, 'a member’s statement');
  await visitor.leave();
});
