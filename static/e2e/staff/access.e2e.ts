import { town } from '../test';
import { atDesk } from './desk';

const { test, bank } = town({ bottleneck: '600' });

const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 780 },
];
/** Placeholders for content that is being loaded. */
const TO_COME = '[aria-busy], .MuiSkeleton-root, .RaPlaceholder-root';

for (const [theme, language] of [
  ['light', 'en'],
  ['dark', 'ko'],
] as const) {
  test(`every staff page can be used by everybody, ${theme}, at either width`, async ({ visit }) => {
    const mina = await bank().member(`mina-${theme}`, 'Mina Kim', 500_000);
    const joon = await bank().member(`joon-${theme}`, 'Joon Lee');
    const { id: pending } = await mina.client.post<{ id: string }>('/transfers', {
      from: mina.account,
      to: joon.account,
      amount: 70_000,
    });
    const { id: member } = (await mina.client.get<{ member: { id: string } }>('/session')).member;
    const visitor = await atDesk(visit, 'admin', '/', { theme, language });
    const { page } = visitor;
    const pages = [
      '/',
      '/members',
      `/members/${member}/show`,
      `/members/${member}`,
      '/members/create',
      '/accounts',
      `/accounts/${mina.account}/show`,
      `/accounts/${mina.account}`,
      '/accounts/create',
      '/transfers',
      `/transfers/${pending}/show`,
      '/holds',
      '/account-types',
      '/account-types/ordinary/show',
      '/account-types/ordinary',
      '/account-types/create',
      '/tokens',
      '/audit',
      `/counter?account=${mina.account}`,
      `/counter?kind=hold&account=${mina.account}`,
      `/counter?kind=linked&account=${mina.account}`,
      '/engine',
      `/engine/actors/${mina.account}`,
    ];
    // Opened at the width of a phone and of a desktop.
    for (const size of SIZES) {
      await page.setViewportSize(size);
      for (const path of pages) {
        await visitor.open(`/staff${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.locator(TO_COME).first().waitFor({ state: 'detached' });
        await visitor.checkAccess();
        await visitor.checkWidth();
      }
    }
  }, 180_000);
}
