import type { ScheduleRule } from '../../api/types';
import { formatWeekday, zonedInstant } from '../../format/dates';
import type { Language } from '../../i18n/language';
import type { MemberKey, Translate } from '../../i18n/translate';

export type Frequency = ScheduleRule['every'];
export const FREQUENCIES = ['once', 'day', 'week', 'month'] as const satisfies readonly Frequency[];

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
/** When standing orders run, in the bank's time zone. */
const TIME = '09:00';

/** Returns the rule of a first day and a frequency: the same weekday, or the same day of the month. */
export function createRule(every: Frequency, start: string, zone: string): ScheduleRule {
  const day = new Date(`${start}T00:00:00Z`);
  if (every === 'once') return { every, at: zonedInstant(start, TIME, zone) };
  if (every === 'week') return { every, days: [DAYS[day.getUTCDay()] ?? 'mon'], time: TIME };
  if (every === 'month') return { every, day: day.getUTCDate(), time: TIME };
  return { every, time: TIME };
}

/** Describes a rule: `매월 25일`, `every Monday`. */
export function describeRule(t: Translate<MemberKey>, rule: ScheduleRule, language: Language): string {
  const weekday = (day: (typeof DAYS)[number]) => formatWeekday(DAYS.indexOf(day), language);
  if (rule.every === 'once') return t('schedules.once');
  const often = rule.interval ?? 1;
  const text =
    rule.every === 'day'
      ? t('schedules.ruleDay')
      : rule.every === 'week'
        ? t('schedules.ruleWeek', { days: rule.days.map(weekday).join(', ') })
        : t('schedules.ruleMonth', { day: rule.day });
  return often > 1 ? t('schedules.ruleOften', { rule: text, count: often }) : text;
}
