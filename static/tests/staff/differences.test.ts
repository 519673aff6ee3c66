import { expect, test } from 'vitest';
import { type Change, differences } from '../../src/staff/history/differences';

const words = {
  field: (name: string) => name.toUpperCase(),
  number: (value: number) => value.toLocaleString('en'),
  moment: (at: string) => `at ${at}`,
  word: (_: string, value: string | boolean) => String(value),
};
const told = (before: Change['before'], after: Change['after']) => differences({ before, after }, words);

test('a diff contains what differs, and nothing else', () => {
  expect(told({ disabled: false, name: 'Mina' }, { disabled: true, name: 'Mina' })).toEqual([
    { name: 'disabled', before: 'false', after: 'true' },
  ]);
  expect(told(null, { own_limit_per_day: null, type: 'salary' })).toEqual([
    { name: 'type', before: null, after: 'salary' },
  ]);
  expect(told({ frozen: { debits: false } }, { frozen: { debits: true } })).toEqual([
    { name: 'frozen', before: 'false', after: 'true' },
  ]);
  expect(told({ limit: 7 }, { limit: null })).toEqual([{ name: 'limit', before: '7', after: '–' }]);
  expect(
    told({ own_limit_per_day: { limit_per_day: 'inherit' } }, { own_limit_per_day: { limit_per_day: { at: 30_000 } } }),
  ).toEqual([{ name: 'own_limit_per_day', before: 'inherit', after: '30,000' }]);
  expect(told(null, { frozen: { freeze: { debits: true, credits: false } } })).toEqual([
    { name: 'frozen', before: null, after: 'DEBITS true' },
  ]);
  expect(told(null, { frozen: { freeze: { debits: false, credits: false } } })).toEqual([
    { name: 'frozen', before: null, after: 'DEBITS false, CREDITS false' },
  ]);
  expect(told(null, null)).toEqual([]);
});

test('a booking is formatted for people', () => {
  const order = {
    from: '000000000195',
    expires_at: '2026-12-01T00:00:00Z',
    reference: '',
    keep_rest: false,
    metadata: null,
  };
  expect(told(null, order)).toEqual([
    { name: 'from', before: null, after: '0000-0000-0195' },
    { name: 'expires_at', before: null, after: 'at 2026-12-01T00:00:00Z' },
  ]);
  expect(told(null, { step: 0, amount: 5_000 })).toEqual([
    { name: 'step', before: null, after: '1' },
    { name: 'amount', before: null, after: '5,000' },
  ]);
  const steps = [
    { type: 'transfer', amount: 700, at_most: false, to: '000000000292', reference: null },
    { type: 'void', hold: 'h' },
  ];
  expect(told(null, { steps })).toEqual([
    { name: 'steps', before: null, after: '1. TYPE transfer, AMOUNT 700, TO 0000-0000-0292; 2. TYPE void, HOLD h' },
  ]);
});
