/** Requests that need a fresh proof: the dialog opens, and the request is then repeated. */
import type { Page } from 'playwright-core';
import { PASSWORD } from './bank';
import { code } from './code';
import { expect, town } from './test';

const { test, bank } = town({ settings: ['sessions.proof_s=4', 'transfers.proof_above=KRW:50000'] });

/** Waits until the sign-in is no longer a fresh proof. */
const untilStale = (page: Page) =>
  expect
    .poll(
      () =>
        page.evaluate(async () => {
          const answer = await fetch('/api/v1/session');
          const { session } = (await answer.json()) as { session: { proof_until: string } };
          return Date.parse(session.proof_until) < Date.now();
        }),
      { timeout: 30_000 },
    )
    .toBe(true);

const LOOKS = [
  { width: 1440, height: 900, language: 'en' },
  { width: 390, height: 780, language: 'ko' },
] as const;

test('a large transfer asks for the password and is made once', async ({ visit }) => {
  for (const [at, looks] of LOOKS.entries()) {
    const mina = await bank().member(`mina${at}`, 'Mina Kim', 500_000);
    const joon = await bank().member(`joon${at}`, 'Joon Lee');
    const visitor = await visit(looks);
    visitor.allow(/status of 40[39]/, /status of 422/);
    const { page } = visitor;
    await visitor.signIn(`mina${at}`);
    await untilStale(page);
    await visitor.open('/transfer');
    await page.locator('input[name="to"]').fill(joon.account);
    await page.locator('input[name="amount"]').fill('70000');
    await page.locator('main button[type="submit"]').click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: looks.language === 'ko' ? /보내기$/ : /^Send/ })
      .click();
    const dialog = page.getByRole('dialog', { name: looks.language === 'ko' ? '본인 확인' : 'Confirm that it is you' });
    await dialog.waitFor();
    await visitor.checkAccess();
    await visitor.checkWidth();
    await dialog.locator('input[name="proof"]').fill('not this one');
    await dialog.locator('button[type="submit"]').click();
    await dialog.getByRole('alert').waitFor();
    await dialog.locator('input[name="proof"]').fill(PASSWORD);
    await dialog.locator('button[type="submit"]').click();
    await dialog.waitFor({ state: 'detached' });
    await expect
      .poll(async () => (await joon.client.get<{ posted: number }>(`/accounts/${joon.account}`)).posted)
      .toBe(70_000);
    const made = await mina.client.get<{ data: unknown[] }>(`/transfers?account=${mina.account}&kind=transfer`);
    expect(made.data).toHaveLength(1);
  }
}, 120_000);

test('a token is created after the proof, and not when it is cancelled', async ({ visit }) => {
  await bank().member('haeun', '박하은');
  const visitor = await visit();
  visitor.allow(/status of 403/);
  const { page } = visitor;
  await visitor.signIn('haeun');
  await visitor.open('/settings');
  await page.getByRole('button', { name: 'New token' }).click();
  await page.getByRole('textbox', { name: 'Name' }).last().fill('books');
  await untilStale(page);
  const make = page.getByRole('button', { name: 'New token' }).last();
  await make.click();
  const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('You did not confirm your identity. Nothing was done.').waitFor();
  await make.click();
  await dialog.locator('input[name="proof"]').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('Copy it now. It is not shown again.').waitFor();
});

test('staff resets a password after a proof with the second factor', async ({ visit }) => {
  for (const [at, looks] of LOOKS.entries()) {
    const joon = await bank().member(`sora${at}`, 'Sora Yoon');
    const { member } = await joon.client.get<{ member: { id: string } }>('/session');
    const admin = await bank().as('admin');
    const { member: made, one_time_password: given } = await admin.post<{
      member: { username: string };
      one_time_password: string;
    }>('/admin/members', { username: `boss${at}`, name: 'The Boss', email: 'boss@example.com', role: 'admin' });
    const first = await bank().as(made.username, given);
    await first.post('/me/password', { current: given, new: PASSWORD });
    const boss = await bank().as(made.username);
    const { secret } = await boss.post<{ secret: string }>('/me/totp', { action: 'begin' });
    const { recovery_codes: codes } = await boss.post<{ recovery_codes: string[] }>('/me/totp', {
      action: 'confirm',
      code: code(secret),
    });
    const visitor = await visit(looks);
    visitor.allow(/status of 40[13]/);
    const { page } = visitor;
    await visitor.open('/');
    await page.locator('input[name="username"]').fill(made.username);
    await page.locator('input[name="password"]').fill(PASSWORD);
    await page.locator('button[type="submit"]').click();
    await page.locator('input[name="totp"]').waitFor();
    await page
      .getByRole('button', { name: looks.language === 'ko' ? '복구 코드로 로그인' : 'Use a recovery code instead' })
      .click();
    await page.locator('input[name="recovery_code"]').fill(codes[0] ?? '');
    await page.locator('button[type="submit"]').click();
    await page.locator('nav').first().waitFor();
    await visitor.open(`/staff/members/${member.id}/show`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await untilStale(page);
    const name = looks.language === 'ko' ? '비밀번호 초기화' : 'New password';
    await page.getByRole('button', { name }).first().click();
    await page.getByRole('dialog').getByRole('button', { name }).last().click();
    const dialog = page.getByRole('dialog', { name: looks.language === 'ko' ? '본인 확인' : 'Confirm that it is you' });
    await dialog.locator('input[name="proof"]').fill(PASSWORD);
    await dialog
      .getByRole('button', { name: looks.language === 'ko' ? '복구 코드로 확인' : 'Use a recovery code instead' })
      .click();
    await dialog.locator('input[name="proof_recovery"]').fill(codes[1] ?? '');
    await visitor.checkAccess();
    await visitor.checkWidth();
    await dialog.locator('button[type="submit"]').click();
    await page.locator('output').waitFor();
    expect(await page.locator('output').innerText()).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  }
}, 120_000);

const strict = town({ settings: ['second_factor=administrators'], withoutAdministrator: true });

strict.test('the first administrator sets up a second factor before anything else', async ({ visit }) => {
  const link =
    strict
      .bank()
      .printed.map(line => /(\/setup#\S+)/.exec(line)?.[1])
      .find(Boolean) ?? '';
  const visitor = await visit();
  visitor.allow(/status of 403/);
  const { page } = visitor;
  await visitor.open(link);
  await page.locator('input[name="username"]').fill('ada');
  await page.locator('input[name="name"]').fill('The Administrator');
  await page.locator('input[name="email"]').fill('ada@example.com');
  await page.locator('input[name="password"]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
  await visitor.checkAccess();
  // No other page can be opened, in the staff's part neither.
  await visitor.open('/staff/members');
  await page.getByRole('heading', { name: 'Set up a second factor' }).waitFor();
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('img', { name: 'QR code' }).waitFor();
  await visitor.checkAccess();
  await page.setViewportSize({ width: 390, height: 780 });
  await visitor.checkWidth();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.locator('input[name="code"]').fill(code(await page.locator('code').innerText()));
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
  await visitor.checkAccess();
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByRole('link', { name: 'Staff desk' }).waitFor();
  await visitor.open('/staff/members');
  await page.getByRole('row').nth(1).waitFor();
});
