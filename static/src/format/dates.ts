/**
 * Times and dates. A moment is shown in the bank's time zone, not the browser's, because the bank's day decides limits
 * and statements. A business date is text and is never converted between time zones.
 */
import { type Language, LOCALES } from '../i18n/language';

const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(language: Language, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${zone} ${JSON.stringify(options)}`;
  let found = cache.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(LOCALES[language], { timeZone: zone, ...options });
    cache.set(key, found);
  }
  return found;
}

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

/** Formats a moment: `2026. 11. 22. 14:05` or `22 Nov 2026, 14:05`. */
export const formatDateTime = (at: string, zone: string, language: Language) =>
  formatter(language, zone, {
    year: 'numeric',
    month: language === 'ko' ? 'numeric' : 'short',
    day: 'numeric',
    ...CLOCK,
  }).format(new Date(at));

/** Formats a moment to the second, for receipts and the audit log. */
export const formatExactTime = (at: string, zone: string, language: Language) =>
  formatter(language, zone, {
    year: 'numeric',
    month: language === 'ko' ? 'numeric' : 'short',
    day: 'numeric',
    ...CLOCK,
    second: '2-digit',
  }).format(new Date(at));

/** Formats a time of the bank's day: `14:05`. */
export const formatTime = (at: string, zone: string, language: Language) =>
  formatter(language, zone, CLOCK).format(new Date(at));

/**
 * Formats a business date in words: `11월 22일 일요일`, `Sunday 22 November`. The year is added when it is not `today`'s.
 */
export function formatLongDate(date: string, today: string, language: Language): string {
  const year = date.slice(0, 4) === today.slice(0, 4) ? undefined : 'numeric';
  return formatter(language, 'UTC', { weekday: 'long', day: 'numeric', month: 'long', year }).format(
    new Date(`${date}T00:00:00Z`),
  );
}

/** Formats a business date: `2026. 11. 22.`, `22 Nov 2026`. */
export const formatDate = (text: string, language: Language) =>
  formatter(language, 'UTC', {
    year: 'numeric',
    month: language === 'ko' ? 'numeric' : 'short',
    day: 'numeric',
  }).format(new Date(`${text}T00:00:00Z`));

/** Returns the bank's date at a moment as `YYYY-MM-DD`. */
export function today(zone: string, now: Date = new Date()): string {
  const parts = formatter('en', zone, { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(now);
  const part = (type: string) => parts.find(found => found.type === type)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
}

/** Returns the date `days` later, or earlier if negative. */
export function addDays(text: string, days: number): string {
  const moved = new Date(`${text}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/** Returns the first day of the date's month. */
export const startOfMonth = (text: string) => `${text.slice(0, 8)}01`;

const DAY_MS = 86_400_000;

/** Returns what clocks in a zone show at a moment, as if it were UTC. */
function wallTime(zone: string, at: number): number {
  const parts = formatter('en', zone, {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    ...CLOCK,
    second: '2-digit',
  }).formatToParts(new Date(at));
  const part = (type: string) => parts.find(found => found.type === type)?.value ?? '';
  return Date.parse(
    `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}Z`,
  );
}

/**
 * Returns the moment at which clocks in a zone show `time` (`09:00`) on a date, as RFC 3339 in UTC. If they show it
 * twice, it is the first time. If they skip it, it is as much later as the clocks are put forward, like in the bank
 * itself.
 */
export function zonedInstant(date: string, time: string, zone: string): string {
  const wall = Date.parse(`${date}T${time}:00Z`);
  const before = wall - (wallTime(zone, wall - DAY_MS) - (wall - DAY_MS));
  const after = wall - (wallTime(zone, wall + DAY_MS) - (wall + DAY_MS));
  const found = [before, after].find(at => wallTime(zone, at) === wall) ?? before;
  return new Date(found).toISOString();
}

/** Formats seconds: `0:07`, `12:30`, `1:02:03`. */
export function formatElapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${hours ? String(minutes).padStart(2, '0') : minutes}:${String(rest).padStart(2, '0')}`;
  return hours ? `${hours}:${tail}` : tail;
}

/** Formats a year, month or day in words: `2026`, `November 2026`, `Sun 22 November`. */
export function formatPeriod(period: string, language: Language): string {
  const options: Intl.DateTimeFormatOptions =
    period.length === 4
      ? { year: 'numeric' }
      : period.length === 7
        ? { year: 'numeric', month: 'long' }
        : { month: 'long', day: 'numeric', weekday: 'short' };
  return formatter(language, 'UTC', options).format(
    new Date(`${period}${'-01-01'.slice(period.length - 4)}T00:00:00Z`),
  );
}

/** A Sunday, from which weekdays are counted. */
const SUNDAY = Date.UTC(2026, 0, 4);

/** Returns the name of a weekday, where 0 is Sunday. */
export const formatWeekday = (day: number, language: Language) =>
  formatter(language, 'UTC', { weekday: 'long' }).format(SUNDAY + day * DAY_MS);
