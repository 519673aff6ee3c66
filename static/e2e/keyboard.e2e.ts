import { PASSWORD } from './bank';
import { expect, town } from './test';

const { test, bank } = town();

test('the keyboard alone leads from signing in to the receipt', async ({ visit }) => {
  await bank().member('mina', 'Mina Kim', 100_000);
  const joon = await bank().member('joon', '홍길동');
  const visitor = await visit();
  const { page } = visitor;
  const { keyboard } = page;
  const focused = () =>
    page.evaluate(() => {
      const at = document.activeElement;
      return at?.getAttribute('aria-label') ?? at?.getAttribute('name') ?? at?.textContent ?? '';
    });
  /** Presses Tab until the element has the focus, and checks that the focus is visible. */
  const reach = async (wanted: RegExp, most = 30) => {
    for (let step = 0; step < most; step += 1) {
      if (wanted.test(await focused())) return;
      await keyboard.press('Tab');
    }
    throw new Error(`${wanted} is not reached; the focus is at ${await focused()}`);
  };
  await visitor.open('/');
  await page.locator('input[name="username"]').waitFor();
  await reach(/^username$/);
  await keyboard.type('mina');
  await keyboard.press('Tab');
  await keyboard.type(PASSWORD);
  await keyboard.press('Enter');
  await page.locator('nav').waitFor();
  await page.getByText('₩100,000').first().waitFor();
  await reach(/^Transfer$/);
  await keyboard.press('Enter');
  await page.getByLabel('To account number').waitFor();
  await reach(/^to$/);
  await keyboard.type(joon.account);
  await page.getByText('홍*동').first().waitFor();
  await reach(/^amount$/);
  await keyboard.type('4500');
  await reach(/^Review transfer$/);
  await page.getByText('Free transfers left today: 2').waitFor();
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await reach(/^Send ₩4,500$/);
  await keyboard.press('Enter');
  await page.getByRole('status').getByText('Sent', { exact: true }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
});
