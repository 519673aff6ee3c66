/** Tests with a bank and a browser. */
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, test as plain } from 'vitest';
import { Bank, type Wanted } from './bank';
import { chromium as installed } from './chromium.mjs';
import { type Looks, Visitor } from './visitor';

export { expect } from 'vitest';

interface World {
  /** Returns a visitor. Errors in the browser's console fail the test at its end. */
  visit: (looks?: Looks) => Promise<Visitor>;
}

/** Starts a bank and a browser for the tests of a file. */
export function town(wanted: Wanted = {}) {
  let bank: Bank;
  let browser: Browser;
  beforeAll(async () => {
    // A container has no sandbox, and only the bank's own pages are opened.
    [bank, browser] = await Promise.all([
      Bank.start(wanted),
      chromium.launch({ executablePath: installed(), args: ['--no-sandbox'] }),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await bank?.close();
  });
  const test = plain.extend<World>({
    visit: async ({ task }, use) => {
      const visitors: Visitor[] = [];
      await use(async looks => {
        const visitor = await Visitor.come(browser, bank.url, looks);
        visitors.push(visitor);
        return visitor;
      });
      if (task.result?.state === 'fail')
        await Promise.all(visitors.map((visitor, at) => visitor.show(`${task.name} ${at}`)));
      for (const visitor of visitors) await visitor.leave();
    },
  });
  return { test, bank: () => bank, browser: () => browser };
}
