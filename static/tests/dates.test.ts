import { describe, expect, it } from 'vitest';
import {
  addDays,
  formatDate,
  formatDateTime,
  formatElapsed,
  formatExactTime,
  formatLongDate,
  formatTime,
  startOfMonth,
  today,
  zonedInstant,
} from '../src/format/dates';

describe('a date and a time', () => {
  const late = '2026-11-22T15:30:00Z';

  it('are shown in the bank’s time zone, whatever the browser’s', () => {
    expect(formatTime(late, 'Asia/Seoul', 'ko')).toBe('00:30');
    expect(formatTime(late, 'America/New_York', 'en')).toBe('10:30');
    expect(formatDateTime(late, 'Asia/Seoul', 'en')).toBe('23 Nov 2026, 00:30');
    expect(formatExactTime(late, 'Asia/Seoul', 'en')).toBe('23 Nov 2026, 00:30:00');
  });

  it("are the bank's own today", () => {
    expect(today('Asia/Seoul', new Date(late))).toBe('2026-11-23');
    expect(today('America/New_York', new Date(late))).toBe('2026-11-22');
    expect(today('Pacific/Kiritimati', new Date('2026-12-31T10:00:00Z'))).toBe('2027-01-01');
  });

  it('leave a business date unchanged', () => {
    expect(formatDate('2026-11-22', 'en')).toBe('22 Nov 2026');
    expect(formatLongDate('2026-11-22', '2026-11-22', 'ko')).toBe('11월 22일 일요일');
    expect(formatLongDate('2025-11-22', '2026-11-22', 'en')).toContain('2025');
  });
});

describe('a time of day is a moment of the zone', () => {
  it.each([
    ['2026-12-01', '09:00', 'Asia/Seoul', '2026-12-01T00:00:00.000Z'],
    ['2026-12-01', '09:00', 'America/New_York', '2026-12-01T14:00:00.000Z'],
    ['2026-07-01', '09:00', 'Europe/Prague', '2026-07-01T07:00:00.000Z'],
    ['2026-12-01', '09:00', 'Asia/Kathmandu', '2026-12-01T03:15:00.000Z'],
    ['2026-12-01', '09:00', 'Pacific/Kiritimati', '2026-11-30T19:00:00.000Z'],
    // Clocks are put from 2:00 to 3:00 on 29 March, and from 3:00 back to 2:00 on 25 October.
    ['2026-03-29', '02:30', 'Europe/Prague', '2026-03-29T01:30:00.000Z'],
    ['2026-10-25', '02:30', 'Europe/Prague', '2026-10-25T00:30:00.000Z'],
    ['2026-03-29', '09:00', 'Europe/Prague', '2026-03-29T07:00:00.000Z'],
    ['2026-10-25', '09:00', 'Europe/Prague', '2026-10-25T08:00:00.000Z'],
  ])('%s %s in %s is %s', (date, time, zone, at) => expect(zonedInstant(date, time, zone)).toBe(at));
});

describe('days', () => {
  it.each([
    ['2026-02-28', 1, '2026-03-01'],
    ['2028-02-28', 1, '2028-02-29'],
    ['2026-01-01', -1, '2025-12-31'],
    ['2026-11-22', 0, '2026-11-22'],
  ])('%s plus %d is %s', (from, days, to) => expect(addDays(from, days)).toBe(to));
  it('has the first of a month', () => expect(startOfMonth('2026-11-22')).toBe('2026-11-01'));
  it.each([
    [0, '0:00'],
    [7.9, '0:07'],
    [65, '1:05'],
    [3_723, '1:02:03'],
    [-3, '0:00'],
  ])('%d s is %s', (seconds, text) => expect(formatElapsed(seconds)).toBe(text));
});
