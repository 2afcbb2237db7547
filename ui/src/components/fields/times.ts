/** Civil dates (`2026-11-25`) and instants (milliseconds UTC) as people read and type them. */
import dayjs from 'dayjs';

export const DATE = 'YYYY-MM-DD';
export const DATE_TIME = 'YYYY-MM-DD HH:mm';

export const showDate = (date: string): string => date;
export const showInstant = (at: number): string => dayjs(at).format(DATE_TIME);

/** Shown beside an editor so that a mistyped day is noticed: 11月25日 周三 15:00. */
export function spellInstant(at: number, withTime: boolean, language: string): string {
  return new Intl.DateTimeFormat(language, {
    month: 'short',
    day: 'numeric',
    weekday: 'short',
    ...(dayjs(at).year() === dayjs().year() ? {} : { year: 'numeric' }),
    ...(withTime ? { hour: '2-digit', minute: '2-digit', hour12: false } : {}),
  }).format(at);
}

/** Today as 14:05, this year as 11-25 14:05, else with the year. */
export function showInstantShort(at: number, now = Date.now()): string {
  const time = dayjs(at);
  if (time.isSame(now, 'day')) return time.format('HH:mm');
  return time.format(time.isSame(now, 'year') ? 'MM-DD HH:mm' : DATE_TIME);
}

const EXACT = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2}))?$/;

/** A fully written date or time, read without asking the core; `null` for anything else. */
export function readExact(text: string): { date: string; time: string | null; instant: number } | null {
  const match = EXACT.exec(text.trim());
  if (!match) return null;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const hour = Number(match[4] ?? 9);
  const minute = Number(match[5] ?? 0);
  const at = dayjs(new Date(year, month - 1, day, hour, minute));
  // Rolled over, e.g. 31 April: not a date that exists.
  if (at.month() !== month - 1 || at.date() !== day || at.hour() !== hour) return null;
  return { date: at.format(DATE), time: match[4] ? at.format('HH:mm') : null, instant: at.valueOf() };
}

/** The same moment some days later; keeps the time of day. */
export const addDays = (at: number, days: number): number => dayjs(at).add(days, 'day').valueOf();
export const addDaysToDate = (date: string, days: number): string =>
  dayjs(date).add(days, 'day').format(DATE);
