/** When a reminder is due, in the words of the window. */
import dayjs from 'dayjs';
import { spellInstant } from '../../components/fields/times';
import { i18n } from '../../i18n';

/** Whole civil days from now to then; negative for the past. */
export const daysUntil = (at: number, now = Date.now()): number =>
  dayjs(at).startOf('day').diff(dayjs(now).startOf('day'), 'day');

/** 今天 15:00, 明天 09:00, 11月25日 周三 15:00. */
export function dueWords(at: number, now = Date.now()): string {
  const time = dayjs(at).format('HH:mm');
  switch (daysUntil(at, now)) {
    case 0:
      return i18n.t('reminders.due.today', { time });
    case 1:
      return i18n.t('reminders.due.tomorrow', { time });
    case -1:
      return i18n.t('reminders.due.yesterday', { time });
    default:
      return spellInstant(at, true, i18n.language);
  }
}

/** 今天, 昨天, 明天 or the date: a heading over what lies on one day. */
export function dayHeading(at: number, now = Date.now()): string {
  const days = daysUntil(at, now);
  const date = spellInstant(at, false, i18n.language);
  const names = { 0: 'today', 1: 'tomorrow', [-1]: 'yesterday' } as const;
  const name = names[days as 0];
  return name ? `${i18n.t(`reminders.due.${name}`, { time: '' }).trim()} · ${date}` : date;
}
