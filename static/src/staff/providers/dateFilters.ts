/** Periods as filters: `2026`, `2026-11`, `2026-11-22`. */
import { addDays } from '../../format/dates';

/** Returns the enclosing period; none above a year. */
export const parentPeriod = (part: string): string | undefined =>
  part.length === 4 ? undefined : part.slice(0, part.length - 3);

/** Returns the first and the last day of a period. */
export function periodBounds(part: string): { from: string; to: string } {
  const [year = 0, month] = part.split('-').map(Number);
  if (part.length === 10) return { from: part, to: part };
  if (part.length === 4) return { from: `${part}-01-01`, to: `${part}-12-31` };
  const next =
    month === 12 ? `${year + 1}-01-01` : `${part.slice(0, 5)}${String((month ?? 0) + 1).padStart(2, '0')}-01`;
  return { from: `${part}-01`, to: addDays(next, -1) };
}

/** Returns the periods within a period that lie between two days, latest first. For a day, those of its month. */
export function childPeriods(part: string | undefined, first: string, last: string): string[] {
  const within = part?.length === 10 ? part.slice(0, 7) : part;
  const length = within === undefined ? 4 : within.length + 3;
  const span = within === undefined ? { from: first, to: last } : periodBounds(within);
  const [from, to] = [span.from > first ? span.from : first, span.to < last ? span.to : last];
  const parts: string[] = [];
  for (let day = to; day >= from; day = addDays(periodBounds(day.slice(0, length)).from, -1))
    parts.push(day.slice(0, length));
  return parts;
}
