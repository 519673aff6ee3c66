import { expect, test } from 'vitest';
import { differences } from '../../src/staff/history/difference';

test('a history tells what differs, and nothing else', () => {
  expect(differences({ before: { disabled: false, name: 'Mina' }, after: { disabled: true, name: 'Mina' } })).toEqual([{ name: 'disabled', before: 'false', after: 'true' }]);
  expect(differences({ before: null, after: { own_limit_per_day: null, type: 'salary' } })).toEqual([{ name: 'own_limit_per_day', before: null, after: '–' }, { name: 'type', before: null, after: 'salary' }]);
  expect(differences({ before: { frozen: { debits: false } }, after: { frozen: { debits: true } } })).toEqual([{ name: 'frozen', before: '{"debits":false}', after: '{"debits":true}' }]);
  expect(differences({ before: null, after: null })).toEqual([]);
});
