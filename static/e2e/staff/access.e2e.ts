import { town } from '../test';
import { atDesk } from './desk';

const { test, bank } = town({ bottleneck: '600' });

for (const theme of ['light', 'dark'] as const) {
  for (const width of [1440, 360]) {
    test(`every staff page can be used by everybody, ${theme}, ${width} px wide`, async ({ visit }) => {
      const mina = await bank().member(`mina-${theme}-${width}`, 'Mina Kim', 500_000);
      const joon = await bank().member(`joon-${theme}-${width}`, 'Joon Lee');
      const { id: pending } = await mina.client.post<{ id: string }>('/transfers', { from: mina.account, to: joon.account, amount: 70_000 });
      const { id: member } = (await mina.client.get<{ member: { id: string } }>('/session')).member;
      const visitor = await atDesk(visit, 'admin', '/', { theme, width, language: width === 360 ? 'ko' : 'en' });
      const { page } = visitor;
      const pages = [
        '/', '/members', `/members/${member}/show`, `/members/${member}`, '/members/create', '/accounts', `/accounts/${mina.account}/show`, `/accounts/${mina.account}`, '/accounts/create', '/transfers', `/transfers/${pending}/show`, '/holds',
        '/account-types', '/account-types/ordinary/show', '/account-types/create', '/tokens', '/audit', '/counter', `/counter?account=${mina.account}`, '/engine', `/engine/actors/${mina.account}`,
      ];
      for (const path of pages) {
        await visitor.open(`/staff${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle').catch(() => {});
        await page.locator('[aria-busy], .MuiSkeleton-root').first().waitFor({ state: 'detached' });
        await visitor.checkAccess();
        await visitor.checkWidth();
      }
    }, 240_000);
  }
}
