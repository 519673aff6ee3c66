/** Measures the members' pages. `npm run measure` prints the table in docs/dashboard.md. */
import { PASSWORD } from './bank';
import { town } from './test';
import { Visitor } from './visitor';

const ROUNDS = 3;
const { test, bank, browser } = town();

interface Figures {
  paint: number;
  ready: number;
  /** The layout shift until the page is ready, and the one that live data causes afterwards. */
  shift: number;
  live: number;
  kilobytes: number;
}

/** Records layout shifts from the start. */
const NOTE_SHIFTS = `
  globalThis.shifts = 0;
  new PerformanceObserver(list => { for (const entry of list.getEntries()) globalThis.shifts += entry.value; }).observe({ type: 'layout-shift', buffered: true });
`;

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

test('figures', async () => {
  const mina = await bank().member('mina', 'Mina Kim', 1_000_000);
  for (let at = 1; at <= 30; at += 1) await bank().deposit(mina.account, at * 1_000);
  const pages: [string, string, boolean][] = [
    ['sign in', 'input[name="username"]', false],
    ['overview', 'main section section li', true],
    ['transfer', 'input[name="amount"]', true],
    ['account', 'main section section li', true],
  ];
  const paths: Record<string, string> = {
    'sign in': '/',
    overview: '/',
    transfer: '/transfer',
    account: `/accounts/${mina.account}`,
  };
  const table: Record<string, Figures> = {};
  for (const [name, usable, signedIn] of pages) {
    const rounds: Figures[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // Every round starts with an empty cache, but signed in.
      const visitor = await Visitor.come(browser(), bank().url);
      if (signedIn) await visitor.signIn('mina', PASSWORD);
      const page = await visitor.tab();
      await page.addInitScript(NOTE_SHIFTS);
      const debug = await visitor.context.newCDPSession(page);
      await debug.send('Network.enable');
      await debug.send('Network.setCacheDisabled', { cacheDisabled: true });
      await page.goto(bank().url + paths[name]);
      await page.locator(usable).first().waitFor();
      const ready = await page.evaluate(() => performance.now());
      await page.waitForTimeout(300);
      const shift = await page.evaluate(() => (globalThis as unknown as { shifts: number }).shifts);
      // Live data arrives and must not move anything.
      if (signedIn) for (let at = 0; at < 3; at += 1) await bank().deposit(mina.account, 1_000);
      await page.waitForTimeout(600);
      rounds.push(
        await page.evaluate(
          ([at, before]) => ({
            paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
            ready: at,
            shift: before,
            live: (globalThis as unknown as { shifts: number }).shifts - before,
            kilobytes:
              performance
                .getEntriesByType('resource')
                .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).transferSize, 0) / 1024,
          }),
          [ready, shift] as const,
        ),
      );
      await visitor.context.close();
    }
    const of = (key: keyof Figures) => median(rounds.map(figures => figures[key]));
    table[name] = {
      paint: of('paint'),
      ready: of('ready'),
      shift: of('shift'),
      live: of('live'),
      kilobytes: of('kilobytes'),
    };
  }
  console.log(
    '\n| page | first contentful paint | ready for use | layout shift | by live data | loaded |\n| --- | --- | --- | --- | --- | --- |',
  );
  for (const [name, { paint, ready, shift, live, kilobytes }] of Object.entries(table)) {
    console.log(
      `| ${name} | ${paint.toFixed(0)} ms | ${ready.toFixed(0)} ms | ${shift.toFixed(3)} | ${live.toFixed(3)} | ${kilobytes.toFixed(0)} KiB |`,
    );
  }
});
