import { PASSWORD } from './bank';
import { code } from './code';
import { expect, town } from './test';

const { test, bank } = town();

test('a second factor is turned on by its QR code and then required', async ({ visit }) => {
  await bank().member('mina', 'Mina Kim');
  const visitor = await visit();
  visitor.allow(/status of 401/);
  const { page } = visitor;
  await visitor.signIn('mina');
  await visitor.open('/settings');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByRole('img', { name: 'QR code' }).waitFor();
  const secret = await page.locator('code').innerText();
  await visitor.checkAccess();
  await page.getByRole('textbox', { name: 'Code' }).fill(code(secret));
  await page.getByRole('button', { name: 'Confirm' }).click();
  const codes = page
    .getByRole('heading', { name: 'Recovery codes' })
    .locator('xpath=ancestor::section')
    .getByRole('listitem');
  await codes.first().waitFor();
  expect(await codes.count()).toBe(10);
  const recovery = await codes.first().innerText();
  await visitor.checkAccess();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
  await page.locator('input[name="username"]').fill('mina');
  await page.locator('input[name="password"]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'One more step' }).waitFor();
  await visitor.checkAccess();
  await page.getByRole('button', { name: 'Use a recovery code instead' }).click();
  await page.locator('input[name="recovery_code"]').fill(recovery);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('nav').waitFor();
});

test('another device is listed and signed out', async ({ visit }) => {
  await bank().member('joon', '홍길동');
  const [here, there] = [await visit(), await visit()];
  there.allow(/status of 401/, /net::ERR_/);
  await here.signIn('joon');
  await there.signIn('joon');
  await here.open('/settings');
  await here.page.getByText('This device').waitFor();
  const others = here.page.getByRole('main').getByRole('button', { name: 'Sign out' });
  // The test's own session is listed too.
  while ((await others.count()) > 0) {
    const before = await others.count();
    await others.first().click();
    await expect.poll(() => others.count()).toBe(before - 1);
  }
  await there.page.locator('input[name="username"]').waitFor();
});

test('language and theme are chosen and remembered', async ({ visit }) => {
  await bank().member('haeun', '박하은');
  const visitor = await visit({ language: 'en' });
  const { page } = visitor;
  await visitor.signIn('haeun');
  await visitor.open('/settings');
  await page.getByRole('combobox', { name: 'Language' }).click();
  await page.getByRole('option', { name: '한국어' }).click();
  await page.getByRole('heading', { name: '설정' }).waitFor();
  await page.getByRole('combobox', { name: '테마' }).click();
  await page.getByRole('option', { name: '어둡게' }).click();
  await page.reload();
  await page.getByRole('heading', { name: '설정' }).waitFor();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(15, 20, 18)');
});

test('a standing order is created, paused and ended', async ({ visit }) => {
  await bank().member('sora', '윤소라', 100_000);
  const other = await bank().member('minjae', '최민재');
  const visitor = await visit();
  const { page } = visitor;
  await visitor.signIn('sora');
  await visitor.open('/schedules');
  await page.getByRole('button', { name: 'New order' }).click();
  await page.getByLabel('To account number').fill(other.account);
  await page.getByText('최*재').first().waitFor();
  await page.getByLabel('Amount').fill('30000');
  await page.getByLabel('On your statement').fill('rent');
  await page.getByRole('button', { name: 'Create order' }).click();
  const row = page.getByRole('main').getByRole('listitem').first();
  await row.getByText('₩30,000').waitFor();
  await visitor.checkAccess();
  await row.getByRole('button', { name: 'Pause' }).click();
  await row.getByText('Paused', { exact: true }).waitFor();
  await row.getByRole('button', { name: 'End order' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End order' }).click();
  await page.getByText('No standing orders').waitFor();
});

test('a token is created, shown once and revoked', async ({ visit }) => {
  await bank().member('dana', 'Dana Lee');
  const visitor = await visit();
  const { page } = visitor;
  await visitor.signIn('dana');
  await visitor.open('/settings');
  await page.getByRole('button', { name: 'New token' }).click();
  await page.locator('input[name="token"]').fill('my program');
  await visitor.checkAccess();
  await page.getByRole('button', { name: 'New token' }).click();
  const secret = await page.getByRole('alert').locator('code').innerText();
  const known = await fetch(`${bank().url}/api/v1/accounts`, { headers: { authorization: `Bearer ${secret}` } });
  expect(known.status).toBe(200);
  await visitor.checkAccess();
  await page.reload();
  await page.getByText('my program').waitFor();
  expect(await page.getByText(secret).count()).toBe(0);
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('No tokens.').waitFor();
  const gone = await fetch(`${bank().url}/api/v1/accounts`, { headers: { authorization: `Bearer ${secret}` } });
  expect(gone.status).toBe(401);
});
