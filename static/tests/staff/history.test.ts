import { expect, test } from 'vitest';
import { differences } from '../../src/staff/history/difference';

test('a history tells what differs, and nothing else', () => {
  expect(differences({ before: { disabled: false, name: 'Mina' }, after: { disabled: true, name: 'Mina' } })).toEqual([{ name: 'disabled', before: 'false', after: 'true' }]);
  expect(differences({ before: null, after: { own_limit_per_day: null, type: 'salary' } })).toEqual([{ name: 'type', before: null, after: 'salary' }]);
  expect(differences({ before: { frozen: { debits: false } }, after: { frozen: { debits: true } } })).toEqual([{ name: 'frozen', before: 'false', after: 'true' }]);
  expect(differences({ before: { limit: 7 }, after: { limit: null } })).toEqual([{ name: 'limit', before: '7', after: '–' }]);
  const limits = { before: { own_limit_per_day: { limit_per_day: 'inherit' } }, after: { own_limit_per_day: { limit_per_day: { at: 30_000 } } } };
  expect(differences(limits)).toEqual([{ name: 'own_limit_per_day', before: 'inherit', after: '30,000' }]);
  const freeze = { before: null, after: { frozen: { freeze: { debits: true, credits: false } } } };
  expect(differences(freeze)).toEqual([{ name: 'frozen', before: null, after: 'debits true, credits false' }]);
  expect(differences({ before: null, after: null })).toEqual([]);
});
