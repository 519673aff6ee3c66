import { atDesk } from './staff/desk';
import { town } from './test';

const { test, bank } = town();

const LONG = 'Wolfeschlegelsteinhausenbergerdorff Maximilian von und zu Habsburg-Lothringen der Ältere';
/** Close to the largest balance. */
const MUCH = 8_900_000_000_000_000;

test('the largest amounts and the longest names fit on a phone', async ({ visit }) => {
  const rich = await bank().member('maximus', LONG, MUCH);
  const poor = await bank().member('minimus', LONG);
  const admin = await bank().as('admin');
  const { version } = await admin.get<{ version: number }>(`/admin/accounts/${rich.account}`);
  await admin.patch(`/admin/accounts/${rich.account}`, {
    version,
    own_limit_per_transfer: null,
    own_limit_per_day: null,
  });
  const { id } = await admin.post<{ id: string }>('/holds', {
    from: rich.account,
    to: poor.account,
    amount: MUCH / 2,
    sender_label: 'wwwwwwwwww',
    receiver_label: 'wwwwwwwwww',
    reference: 'W'.repeat(140),
  });
  const visitor = await visit({ width: 360, height: 740, language: 'en' });
  const { page } = visitor;
  await visitor.signIn('maximus');
  for (const [path, ready] of [
    ['/', 'main h3 a'],
    [`/accounts/${rich.account}`, 'main li a'],
    ['/transfer', 'input[name="amount"]'],
    [`/transfers/${id}`, 'main dl'],
    ['/settings', 'input[name="current"]'],
  ] as const) {
    await visitor.open(path);
    await page.locator(ready).first().waitFor();
    await page.getByText('Live').first().waitFor();
    await visitor.checkWidth();
    await visitor.checkAccess();
  }
  const staff = await atDesk(visit, 'admin', '/', { width: 360, height: 740 });
  const member = (await rich.client.get<{ member: { id: string } }>('/session')).member.id;
  for (const path of [
    '/',
    '/accounts',
    `/accounts/${rich.account}/show`,
    `/members/${member}/show`,
    '/holds',
    `/holds/${id}/show`,
    `/counter?kind=hold&account=${rich.account}`,
  ]) {
    await staff.open(`/staff${path}`);
    await staff.page.getByRole('heading', { level: 1 }).waitFor();
    await staff.page
      .locator('[aria-busy], .MuiSkeleton-root, .RaPlaceholder-root')
      .first()
      .waitFor({ state: 'detached' });
    await staff.checkWidth();
    await staff.checkAccess();
  }
});
