import { expect, town } from './test';
import type { Looks } from './visitor';

const { test, bank } = town({ demo: true });

/** Returns a password that the demo bank printed. */
const passwordOf = (username: string) => {
  const line = bank().printed.find(text => text.trim().startsWith(`${username} `)) ?? '';
  return line.trim().split(/\s+/)[2] ?? '';
};

const LOOKS: Looks[] = [
  { width: 1440, language: 'ko', theme: 'light' },
  { width: 1440, language: 'en', theme: 'dark' },
  { width: 360, height: 740, language: 'ko', theme: 'dark' },
  { width: 360, height: 740, language: 'en', theme: 'light' },
];

for (const looks of LOOKS) {
  test(`every page is right at ${looks.width} px in ${looks.language}, ${looks.theme}`, async ({ visit }) => {
    const visitor = await visit(looks);
    const { page } = visitor;
    const look = async (path: string, ready: string) => {
      await visitor.open(path);
      await page.locator(ready).first().waitFor();
      await visitor.checkAccess();
      await visitor.checkWidth();
    };
    await look('/', 'input[name="username"]');
    await look('/sign-up', 'input[name="email"]');
    await look('/setup#0123', 'input[name="email"]');
    await visitor.signIn('mina', passwordOf('mina'));
    await look('/', 'main h3 a');
    const account = (await page.locator('main h3 a').first().getAttribute('href')) ?? '';
    await look(account, 'main section section li');
    await look('/transfer', 'input[name="amount"]');
    await look('/schedules', 'main h1');
    await page.getByRole('button', { name: /New order|새 자동이체/ }).click();
    await page.getByRole('dialog').locator('input[name="amount"]').waitFor();
    await visitor.checkAccess();
    await visitor.checkWidth();
    await look('/settings', 'input[name="current"]');
    await look('/nowhere', 'main h1');
    expect(await page.locator('html').getAttribute('lang')).toBe(looks.language);
  });
}
