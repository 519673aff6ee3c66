import { describe, expect, it } from 'vitest';
import { clock, date, day, elapsed, exact, moment, monthStart, plus, today } from '../src/format/dates';

describe("the bank's time zone decides", () => {
  const late = '2026-11-22T15:30:00Z';

  it('shows a moment there, whatever zone the browser is in', () => {
    expect(clock(late, 'Asia/Seoul', 'ko')).toBe('00:30');
    expect(clock(late, 'America/New_York', 'en')).toBe('10:30');
    expect(moment(late, 'Asia/Seoul', 'en')).toBe('23 Nov 2026, 00:30');
    expect(exact(late, 'Asia/Seoul', 'en')).toBe('23 Nov 2026, 00:30:00');
  });

  it("knows the bank's date", () => {
    expect(today('Asia/Seoul', new Date(late))).toBe('2026-11-23');
    expect(today('America/New_York', new Date(late))).toBe('2026-11-22');
    expect(today('Pacific/Kiritimati', new Date('2026-12-31T10:00:00Z'))).toBe('2027-01-01');
  });

  it('does not move a business date', () => {
    expect(date('2026-11-22', 'en')).toBe('22 Nov 2026');
    expect(day('2026-11-22', '2026-11-22', 'ko')).toBe('11월 22일 일요일');
    expect(day('2025-11-22', '2026-11-22', 'en')).toContain('2025');
  });
});

describe('days', () => {
  it.each([['2026-02-28', 1, '2026-03-01'], ['2028-02-28', 1, '2028-02-29'], ['2026-01-01', -1, '2025-12-31'], ['2026-11-22', 0, '2026-11-22']])(
    '%s plus %d is %s', (from, days, to) => expect(plus(from, days)).toBe(to));
  it('has the first of a month', () => expect(monthStart('2026-11-22')).toBe('2026-11-01'));
  it.each([[0, '0:00'], [7.9, '0:07'], [65, '1:05'], [3_723, '1:02:03'], [-3, '0:00']])('%d s is %s', (seconds, text) => expect(elapsed(seconds)).toBe(text));
});
