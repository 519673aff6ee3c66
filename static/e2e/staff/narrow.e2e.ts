import { expect, town } from '../test';
import { atDesk } from './desk';

const { test } = town();

test('a page stays usable in a window that gets narrow, and its menu opens', async ({ visit }) => {
  const { page } = await atDesk(visit, 'admin', '/members');
  const heading = page.getByRole('heading', { name: 'Members', level: 1 });
  const menu = page.getByRole('menuitem', { name: 'Accounts' });
  await heading.waitFor();
  await menu.waitFor();
  await page.setViewportSize({ width: 400, height: 800 });
  await expect.poll(() => menu.count()).toBe(0);
  await heading.waitFor();
  expect(await page.locator('#root').getAttribute('aria-hidden')).toBeNull();
  await page.getByRole('button', { name: 'Open menu' }).click();
  await menu.click();
  await page.getByRole('heading', { name: 'Accounts', level: 1 }).waitFor();
  await page.setViewportSize({ width: 1440, height: 900 });
  await menu.waitFor();
});
