/** Reminders by day. A minute's passing can move one from today to overdue, so the lists look again. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { call } from '../../transport/transport';

export const BUCKETS = ['today', 'overdue', 'future', 'done'] as const;
export type Bucket = (typeof BUCKETS)[number];

const ENTITIES = ['reminder', 'customer', 'contact', 'opportunity'] as const;
const MINUTE = 60_000;
/** One sitting's work; the rest is told. */
export const SHOWN_REMINDERS = 300;

export function useReminders(bucket: Bucket) {
  return useQuery({
    queryKey: ['reminders', bucket],
    queryFn: () => call('reminders', { bucket, limit: SHOWN_REMINDERS }),
    placeholderData: keepPreviousData,
    refetchInterval: MINUTE,
    meta: { entities: ENTITIES },
  });
}

/** How many wait, for the navigation and the bell. */
export function useReminderCounts() {
  return useQuery({
    queryKey: ['reminders', 'counts'],
    queryFn: async () => (await call('reminders', { bucket: 'today', limit: 1 })).counts,
    refetchInterval: MINUTE,
    meta: { entities: ['reminder'] },
  }).data;
}
