/** Staff members and helpers for the tests of the staff's part. */
import type { Page } from 'playwright-core';
import type { Bank } from '../bank';
import { PASSWORD } from '../bank';
import type { Client } from '../client';
import type { Looks, Visitor } from '../visitor';

interface Made {
  member: { id: string };
  one_time_password: string;
}

/** Creates a member of staff who has already changed the first password. */
export async function hire(bank: Bank, username: string, role: 'teller' | 'auditor' | 'admin'): Promise<Client> {
  const admin = await bank.as('admin');
  const made = await admin.post<Made>('/admin/members', {
    username,
    name: `The ${role}`,
    email: `${username}@example.com`,
    role,
  });
  const first = await bank.as(username, made.one_time_password);
  await first.post('/me/password', { current: made.one_time_password, new: PASSWORD });
  return bank.as(username);
}

/** Opens the staff's part as a signed-in member of staff. */
export async function atDesk(
  visit: (looks?: Looks) => Promise<Visitor>,
  username: string,
  path = '/',
  looks?: Looks,
): Promise<Visitor> {
  const visitor = await visit(looks);
  await visitor.signIn(username);
  await visitor.open(`/staff${path}`);
  return visitor;
}

/** Scrolls a long list until a number of rows is loaded. */
export async function loadAll(page: Page, rows: number): Promise<void> {
  const shown = page.getByText(/ shown$/);
  await shown.waitFor();
  while (Number((await shown.innerText()).replace(/\D/g, '')) < rows) {
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForTimeout(50);
  }
}
