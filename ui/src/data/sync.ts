/** Where this laptop stands with its server, and what hangs on that all over the window. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { SyncAccount, SyncStatus } from '../transport/contract';
import { call } from '../transport/transport';
import { queryClient } from './client';
import { useStatus } from './status';

const KEY = ['sync_status'];
const MINUTE = 60_000;
/** Numbers of colleagues that are older than this say so. */
const FRESH = 10 * MINUTE;
/** A clock that differs by more is worth a word. */
export const CLOCK_OFF = 2 * MINUTE;

const statusQuery = {
  queryKey: KEY,
  queryFn: () => call('sync_status', {}),
  meta: { sync: true },
};

/** None until it is known, which for whoever asks is the same as a laptop of its own. */
export const useSyncStatus = (): SyncStatus | undefined => useQuery(statusQuery).data;

export const showSyncStatus = (status: SyncStatus): void => void queryClient.setQueryData(KEY, status);

/** The account of this laptop; none on a laptop of its own. */
export function useAccount(): SyncAccount | null {
  return (
    useQuery({ ...statusQuery, select: (status) => (status.phase === 'alone' ? null : status.account) })
      .data ?? null
  );
}

/** Everyone that one's own work stands under: the account, and the user that this laptop began with. */
export function useMe(): (id: string | null | undefined) => boolean {
  const account = useAccount();
  const user = useStatus().data?.user;
  return (id) => id !== null && id !== undefined && (id === account?.user || id === user?.id);
}

/** Now, told again each minute: for what grows old while one looks at it. */
export function useNow(every = MINUTE): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}

/** When the numbers of colleagues were true, where that was not just now; none where nothing has to be said. */
export function useAsOf(): number | null {
  const status = useSyncStatus();
  const now = useNow();
  if (!status?.account || status.last_sync === null) return null;
  const cut = status.phase === 'offline' || status.phase === 'paused' || status.phase === 'stopped';
  return cut || now - status.last_sync > FRESH ? status.last_sync : null;
}

export type Unsynced = Record<string, string>;
const NONE: Unsynced = {};
/** More at once are not in sight. */
const ASKED = 400;

/** Which of these records have work that the server misses: `waiting` or `sent` by id. */
export function useUnsynced(ids: readonly string[]): Unsynced {
  const status = useSyncStatus();
  const asked = [...ids].slice(0, ASKED).sort();
  return (
    useQuery({
      queryKey: ['unsynced', asked],
      queryFn: async () => (await call('unsynced', { ids: asked })).states as Unsynced,
      // Without an account nothing is ever sent; with nothing pending there is nothing to ask.
      enabled: Boolean(status?.account) && (status?.pending ?? 0) > 0 && asked.length > 0,
      placeholderData: keepPreviousData,
      gcTime: MINUTE,
      meta: { sync: true },
      select: (states) => (status?.pending ? states : NONE),
    }).data ?? NONE
  );
}
