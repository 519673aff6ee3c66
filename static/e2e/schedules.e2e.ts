import { describe } from 'vitest';
import { addDays, today, zonedInstant } from '../src/format/dates';
import { expect, town } from './test';

const KINDS = [
  ['once', 'Once'],
  ['day', 'Every day'],
  ['week', 'Every week'],
  ['month', 'Every month'],
] as const;

describe.each(['Asia/Seoul', 'America/New_York', 'Pacific/Kiritimati'])('a bank in %s', zone => {
  const { test, bank } = town({ timeZone: zone });

  test('accepts standing orders of every kind', async ({ visit }) => {
    const mina = await bank().member('mina', 'Mina Kim', 1_000_000);
    const joon = await bank().member('joon', '홍길동');
    const visitor = await visit();
    const { page } = visitor;
    await visitor.signIn('mina');
    await visitor.open('/schedules');
    // Two days ahead, so that it lies in the future even if the test runs past midnight.
    const first = addDays(today(zone), 2);
    for (const [kind, name] of KINDS) {
      await page.getByRole('button', { name: 'New order' }).first().click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('To account number').fill(joon.account);
      await dialog.getByText('홍*동').first().waitFor();
      await dialog.getByLabel('Amount').fill('1만원');
      await dialog.getByLabel('Repeat').click();
      await page.getByRole('option', { name }).click();
      await dialog.getByLabel('First on').fill(first);
      await dialog.getByRole('button', { name: 'Create order' }).click();
      await dialog.waitFor({ state: 'detached' });
      const made = await mina.client.get<{ data: { amount: number; next_at: string; rule: { every: string } }[] }>(
        '/me/schedules',
      );
      const order = made.data.find(one => one.rule.every === kind);
      expect(order?.amount, kind).toBe(10_000);
      expect(Date.parse(order?.next_at ?? ''), kind).toBe(Date.parse(zonedInstant(first, '09:00', zone)));
    }
  });
});
