/** Civil dates against today. */
import dayjs from 'dayjs';
import { DATE } from '../../components/fields/times';

export const isPast = (date: string, now = Date.now()): boolean => date < dayjs(now).format(DATE);

/** 11-25, with the year where it is another one. */
export const shortDate = (date: string, now = Date.now()): string =>
  date.startsWith(`${dayjs(now).year()}-`) ? date.slice(5) : date;
