/** Takes the README's pictures of the demo bank: `npm run screenshots`. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, town } from './test';
import { type Looks, Visitor } from './visitor';

const FOLDER = resolve(import.meta.dirname, '../../docs/screenshots');
const MOST_BYTES = 120 * 1024;
const QUALITY = 82;
const { test, bank, browser } = town({ demo: true });

const passwordOf = (username: string) =>
  bank()
    .printed.find(line => line.trim().startsWith(`${username} `))
    ?.trim()
    .split(/\s+/)[2] ?? '';

/** WebP, which only the browser's debugger produces. */
async function take(page: Page, name: string) {
  await page.waitForTimeout(800);
  const debug = await page.context().newCDPSession(page);
  const { data } = await debug.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  const path = resolve(FOLDER, `${name}.webp`);
  writeFileSync(path, Buffer.from(data, 'base64'));
  expect(statSync(path).size, `${name}.webp is too large`).toBeLessThan(MOST_BYTES);
}

async function visit(who: string, looks: Looks, pictures: (visitor: Visitor) => Promise<void>) {
  const visitor = await Visitor.come(browser(), bank().url, looks);
  if (who) await visitor.signIn(who, passwordOf(who));
  await pictures(visitor);
  await visitor.context.close();
}

test('the six main pages', async () => {
  mkdirSync(FOLDER, { recursive: true });
  const wide = { width: 1280, height: 800 };
  const narrow = { width: 390, height: 780 };
  await visit('mina', { ...wide, language: 'ko' }, async visitor => {
    const { page } = visitor;
    await page.locator('main section section li').first().waitFor();
    await take(page, 'overview');
    await page.locator('main h3 a').first().click();
    await page.locator('main section section li').first().waitFor();
    await take(page, 'account');
  });
  await visit('mina', { ...wide, language: 'en', theme: 'dark' }, async visitor => {
    const { page } = visitor;
    await visitor.open('/transfer');
    const payee = await bank()
      .as('joon', passwordOf('joon'))
      .then(joon => joon.get<{ data: { number: string }[] }>('/accounts'));
    await page.getByLabel('To account number').fill(payee.data[0]?.number ?? '');
    await page.getByLabel('Amount').fill('125000');
    await page.getByText('Free transfers left today').waitFor();
    await take(page, 'transfer');
  });
  await visit('mina', { ...narrow, language: 'ko' }, async visitor => {
    await visitor.page.locator('main h3 a').first().waitFor();
    await take(visitor.page, 'phone');
  });
  await visit('admin', { ...wide, language: 'en' }, async visitor => {
    const { page } = visitor;
    await visitor.open('/staff/accounts');
    await page.getByRole('row').nth(3).waitFor();
    await take(page, 'staff');
    await visitor.open('/staff/engine');
    await page.locator('canvas').first().waitFor();
    await take(page, 'engine');
  });
});
