import { expect, test } from 'vitest';
import { isAllowed } from '../../src/staff/providers/permissions';

const RESOURCES = ['members', 'accounts', 'account-types', 'transfers', 'holds', 'schedules', 'tokens', 'audit'];

test('an auditor reads everything and changes nothing', () => {
  for (const resource of RESOURCES) {
    for (const action of ['list', 'show', 'export'])
      expect(isAllowed('auditor', action, resource), `${action} ${resource}`).toBe(true);
    for (const action of ['edit', 'create', 'delete', 'reverse', 'settle', 'void'])
      expect(isAllowed('auditor', action, resource), `${action} ${resource}`).toBe(false);
  }
  expect(isAllowed('auditor', 'create', 'counter')).toBe(false);
});

test('a teller works at the counter, and sees neither tokens nor the audit log', () => {
  expect(isAllowed('teller', 'create', 'counter') && isAllowed('teller', 'reverse', 'transfers')).toBe(true);
  expect(
    isAllowed('teller', 'list', 'schedules') &&
      !isAllowed('teller', 'edit', 'schedules') &&
      isAllowed('admin', 'edit', 'schedules'),
  ).toBe(true);
  expect(isAllowed('teller', 'edit', 'accounts') || isAllowed('teller', 'create', 'members')).toBe(false);
  expect(isAllowed('teller', 'list', 'tokens') || isAllowed('teller', 'list', 'audit')).toBe(false);
});

test('nobody edits transfers or the audit log', () => {
  for (const resource of ['transfers', 'holds', 'audit'])
    expect(isAllowed('admin', 'edit', resource), resource).toBe(false);
  expect(isAllowed('admin', 'delete', 'tokens')).toBe(true);
});
