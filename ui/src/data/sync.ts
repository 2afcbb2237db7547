/** Where this laptop stands with its server, and what hangs on that all over the window. */
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { create } from 'zustand';
import type { SyncAccount, SyncStatus } from '../transport/contract';
import { call, TransportError } from '../transport/transport';
import { queryClient } from './client';
import { useStatus } from './status';

const KEY = ['sync_status'];
const MINUTE = 60_000;
/** Numbers of colleagues that are older than this say so. */
const FRESH = 10 * MINUTE;
/** A clock that differs by more is worth a word. */
export const CLOCK_OFF = 2 * MINUTE;

/**
 * The last sync before the laptop was cut off. Until there is a later one the numbers are as old as they were, also
 * while it is being tried again.
 */
const useCut = create<{ lastSync: number | null }>(() => ({ lastSync: null }));

function heard(status: SyncStatus): SyncStatus {
  if (isCut(status)) useCut.setState({ lastSync: status.last_sync });
  return status;
}

const UNREACHED = new Set(['sync_offline', 'sync_portal', 'sync_cut', 'sync_timeout']);

/** Whether what was asked of the server did not get there: nothing was changed. */
export const isUnreached = (thrown: unknown): boolean => UNREACHED.has(TransportError.from(thrown).code);

/** Out of reach, or coming from there: while it is tried again, what was the matter before still stands there. */
const isCut = ({ phase, trouble }: SyncStatus): boolean =>
  phase === 'offline' ||
  phase === 'paused' ||
  phase === 'stopped' ||
  (phase === 'syncing' && trouble !== null);

const statusQuery = {
  queryKey: KEY,
  queryFn: async () => heard(await call('sync_status', {})),
  meta: { sync: true },
};

/** None until it is known, which for whoever asks is the same as a laptop of its own. */
export const useSyncStatus = (): SyncStatus | undefined => useQuery(statusQuery).data;

export const showSyncStatus = (status: SyncStatus): void => void queryClient.setQueryData(KEY, heard(status));

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
  const [first, second] = [account?.user, user?.id];
  return useCallback(
    (id) => id !== null && id !== undefined && (id === first || id === second),
    [first, second],
  );
}

/** Whether somebody paused the sync; none on a laptop of its own. */
export function usePaused(): boolean | null {
  return (
    useQuery({ ...statusQuery, select: ({ account, phase }) => (account ? phase === 'paused' : null) })
      .data ?? null
  );
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

/**
 * When the numbers of colleagues were true, where that was not just now; `part` while the first sync has not brought
 * them all; none where nothing has to be said.
 */
export function useAsOf(): number | 'part' | null {
  const status = useSyncStatus();
  const before = useCut(({ lastSync }) => lastSync);
  const now = useNow();
  if (!status?.account) return null;
  const { last_sync: last } = status;
  if (last === null) return 'part';
  return isCut(status) || last === before || now - last > FRESH ? last : null;
}

export type Unsynced = Record<string, string>;
const NONE: Unsynced = {};
/** Asked for at once. */
export const ASKED = 400;

/** Which of these records have work that the server misses: `waiting` or `sent` by id. */
export function useUnsynced(ids: readonly string[]): Unsynced {
  const status = useSyncStatus();
  // Without an account nothing is ever sent; with nothing pending there is nothing to ask.
  const wanted = Boolean(status?.account) && (status?.pending ?? 0) > 0;
  const pages = pagesOf(ids);
  return useQueries({
    queries: pages.map((asked) => ({
      queryKey: ['unsynced', asked],
      queryFn: async () => (await call('unsynced', { ids: asked })).states as Unsynced,
      enabled: wanted,
      placeholderData: keepPreviousData,
      gcTime: MINUTE,
      meta: { sync: true },
    })),
    combine: wanted ? together : nothing,
  });
}

/** In an order of their own: what is only sorted otherwise need not be asked for again. */
function pagesOf(ids: readonly string[]): string[][] {
  const sorted = [...ids].sort();
  const pages: string[][] = [];
  for (let at = 0; at < sorted.length; at += ASKED) pages.push(sorted.slice(at, at + ASKED));
  return pages;
}

const nothing = (): Unsynced => NONE;

function together(answers: { data: Unsynced | undefined }[]): Unsynced {
  if (answers.length === 1) return answers[0]?.data ?? NONE;
  return Object.assign({}, ...answers.map(({ data }) => data ?? NONE)) as Unsynced;
}
