import { expect, test } from 'vitest';
import type { Transfer } from '../src/api/types';
import { asSettledTransfer } from '../src/member/receipt/settledTransfer';

const told = (given: Partial<Transfer>) => {
  const { status, amount, total } = asSettledTransfer({
    kind: 'hold',
    status: 'settled',
    amount: 100,
    fee: 5,
    total: 105,
    captured: 100,
    customer_text: null,
    ...given,
  } as Transfer);
  return [status, amount, total];
};

test('a receipt shows what was paid', () => {
  expect(told({})).toEqual(['posted', 100, 105]);
  expect(told({ status: 'partly_settled', captured: 30 })).toEqual(['posted', 30, 35]);
  // The settled part stays paid when the rest is released.
  expect(told({ status: 'partly_settled', captured: 30, customer_text: 'the rest was not needed' })).toEqual([
    'posted',
    30,
    35,
  ]);
  expect(told({ status: 'expired', captured: 0 })).toEqual(['expired', 100, 105]);
  // While the hold is open, it is shown unchanged.
  expect(told({ status: 'held', captured: 30 })).toEqual(['held', 100, 105]);
  expect(told({ kind: 'transfer', status: 'posted', captured: 0 })).toEqual(['posted', 100, 105]);
});
