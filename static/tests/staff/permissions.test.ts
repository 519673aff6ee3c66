import { expect, test } from 'vitest';
import { mayDo } from '../../src/staff/providers/permissions';

const RESOURCES = ['members', 'accounts', 'account-types', 'transfers', 'holds', 'schedules', 'tokens', 'audit'];

test('an auditor reads everything and changes nothing', () => {
  for (const resource of RESOURCES) {
    for (const action of ['list', 'show', 'export'])
      expect(mayDo('auditor', action, resource), `${action} ${resource}`).toBe(true);
    for (const action of ['edit', 'create', 'delete', 'reverse', 'settle', 'void'])
      expect(mayDo('auditor', action, resource), `${action} ${resource}`).toBe(false);
  }
  expect(mayDo('auditor', 'create', 'counter')).toBe(false);
});

test('a teller works at the counter, and sees neither tokens nor the audit log', () => {
  expect(mayDo('teller', 'create', 'counter') && mayDo('teller', 'reverse', 'transfers')).toBe(true);
  expect(
    mayDo('teller', 'list', 'schedules') &&
      !mayDo('teller', 'edit', 'schedules') &&
      mayDo('admin', 'edit', 'schedules'),
  ).toBe(true);
  expect(mayDo('teller', 'edit', 'accounts') || mayDo('teller', 'create', 'members')).toBe(false);
  expect(mayDo('teller', 'list', 'tokens') || mayDo('teller', 'list', 'audit')).toBe(false);
});

test('nobody edits what was booked or written down', () => {
  for (const resource of ['transfers', 'holds', 'audit'])
    expect(mayDo('admin', 'edit', resource), resource).toBe(false);
  expect(mayDo('admin', 'delete', 'tokens')).toBe(true);
});
