import { describe, expect, it } from 'vitest';
import { scopesOf } from '../src/member/settings/scopes';
import { applicableBounds, NO_BOUNDS, parseBounds } from '../src/member/settings/tokenBounds';

const KRW = { code: 'KRW', scale: 0 };

describe('bounds of a token', () => {
  it('are read as they are typed', () => {
    const typed = {
      accounts: ['000000000195'],
      payees: '0000-0000-0292, A-1',
      addresses: '192.0.2.0/24 2001:db8::/32',
      perDay: '10만',
    };
    expect(parseBounds(typed, ['transfer'], KRW)).toEqual({
      accounts: ['000000000195'],
      payees: ['000000000292', 'A-1'],
      addresses: ['192.0.2.0/24', '2001:db8::/32'],
      per_day: [{ currency: 'KRW', amount: 100_000 }],
    });
  });
  it('are null while the amount is invalid, and absent where a field is empty', () => {
    expect(parseBounds({ ...NO_BOUNDS, perDay: 'much' }, ['transfer'], KRW)).toBeNull();
    expect(parseBounds(NO_BOUNDS, ['transfer'], KRW)).toEqual({ accounts: [], payees: [], addresses: [] });
  });
  it('depend on the scopes', () => {
    const typed = { ...NO_BOUNDS, accounts: ['000000000195'], perDay: '5' };
    expect(parseBounds(typed, ['transfer', 'schedule'], KRW)).not.toHaveProperty('per_day');
    expect(parseBounds(typed, ['counter'], KRW)).toEqual({ addresses: [] });
    expect(applicableBounds(['read', 'events'])).toEqual({ own: true, perDay: true });
  });
});

describe('scopes', () => {
  it('are those that fit the role', () => {
    expect(scopesOf('member')).not.toContain('counter');
    expect(scopesOf('auditor')).not.toContain('transfer');
    expect(scopesOf('admin')).toHaveLength(10);
  });
});
