import { describe, expect, it } from 'vitest';
import { emptyStep, stepBody, stepErrors } from '../../src/staff/counter/linkedSteps';

describe('the steps of a linked order', () => {
  const settle = { ...emptyStep(1), type: 'settle' as const, hold: 'h', final: true };

  it('settle everything only when the amount is empty', () => {
    expect(stepBody(settle, null, true)).toEqual({ type: 'settle', hold: 'h' });
    expect(stepBody({ ...settle, amount: '1.234' }, null, true)).toBeNull();
    expect(stepBody({ ...settle, amount: '500' }, 500, true)).toEqual({
      type: 'settle',
      hold: 'h',
      amount: 500,
      keep_rest: false,
    });
  });

  it('are not sent while something is missing', () => {
    const transfer = { ...emptyStep(1, 'A'), to: 'B' };
    expect(stepBody(transfer, null, true)).toBeNull();
    expect(stepBody({ ...transfer, amount: '5' }, 5, false)).toBeNull();
    expect(stepBody({ ...transfer, amount: '5', label: 'rent' }, 5, true)).toEqual({
      type: 'transfer',
      from: 'A',
      to: 'B',
      amount: 5,
      sender_label: 'rent',
      receiver_label: 'rent',
    });
  });

  it('show the errors of each step', () => {
    expect(stepErrors({ 'steps[1].amount': 'too much', 'steps[10].amount': 'no' }, 1)).toEqual({ amount: 'too much' });
  });
});
