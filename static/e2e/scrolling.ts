/** How a long list of the staff's scrolls: `npm run measure` prints it. */
import { atDesk } from './staff/desk';
import { town } from './test';
import { Visitor } from './visitor';

const { test, bank, browser } = town();

/** A staff's list of so many rows is scrolled, 100 px a frame, which is faster than anybody reads. */
const ROWS = 10_000;
const FRAMES = 600;

test('scrolling', async () => {
  const lee = await bank().member('lee', 'Lee Park', 10_000_000);
  const joon = await bank().member('joon', 'Joon Lee');
  const transfers = Array.from({ length: 500 }, () => ({ from: lee.account, to: joon.account, amount: 1 }));
  for (let sent = 0; sent < ROWS; sent += transfers.length) await lee.client.post('/transfers/batch', transfers);
  const visitor = await atDesk(() => Visitor.come(browser(), bank().url), 'admin', `/transfers?filter=${encodeURIComponent(JSON.stringify({ account: joon.account }))}`);
  const { page } = visitor;
  await page.getByRole('row').nth(20).waitFor();
  for (;;) {
    const shown = Number((await page.getByText(/ shown$/).innerText()).replace(/\D/g, ''));
    if (shown >= ROWS) break;
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.getByText(`${shown.toLocaleString('en')} shown`, { exact: true }).waitFor({ state: 'detached' });
  }
  await page.evaluate(() => scrollTo(0, 0));
  const took = await page.evaluate(frames => new Promise<number[]>(resolve => {
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
  }), FRAMES);
  const median = [...took].sort((a, b) => a - b)[Math.floor(took.length / 2)] ?? 0;
  const slow = took.filter(ms => ms > 50).length;
  console.log(`\n10,000 rows, ${FRAMES} frames of 100 px: median ${median.toFixed(1)} ms a frame, longest ${Math.max(...took).toFixed(0)} ms, ${slow} of more than 50 ms`);
  await visitor.context.close();
}, 240_000);
