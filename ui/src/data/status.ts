/** The data file's state and a person's settings. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Settings, Status } from '../transport/contract';
import { call } from '../transport/transport';
import { queryClient } from './client';
import { showError } from './writes';

const KEY = ['status'];

export function useStatus() {
  return useQuery({
    queryKey: KEY,
    // What was chosen meanwhile stays in sight: the answer may be older.
    queryFn: async () => applied(await call('status', {}), unconfirmed),
    meta: { status: true },
  });
}

export const showStatus = (status: Status): void => void queryClient.setQueryData(KEY, status);

export const refreshStatus = (): Promise<void> => queryClient.invalidateQueries({ queryKey: KEY });

export const DEFAULT_SETTINGS: Settings = {
  language: 'zh-CN',
  theme: 'system',
  density: 'comfortable',
  font_size: 100,
  quiet_from: '00:00',
  quiet_to: '00:00',
  close_to_tray: true,
  window: {},
};

export function useSettings(): Settings {
  return useStatus().data?.settings ?? DEFAULT_SETTINGS;
}

/** Changes that the core has not confirmed yet, the oldest first. */
let unconfirmed: Partial<Settings>[] = [];
let lastSaved: Promise<unknown> = Promise.resolve();

const withChange = (status: Status, change: Partial<Settings>): Status => ({
  ...status,
  settings: {
    ...status.settings,
    ...change,
    window: { ...status.settings.window, ...change.window },
  },
});
const applied = (status: Status, changes: Partial<Settings>[]): Status => changes.reduce(withChange, status);

function settle(change: Partial<Settings>): void {
  unconfirmed = unconfirmed.filter((other) => other !== change);
}

/** Shows the choice at once and keeps it; `window` keys are set one by one. */
export async function updateSettings(change: Partial<Settings>): Promise<void> {
  unconfirmed.push(change);
  const before = queryClient.getQueryData<Status>(KEY);
  if (before) showStatus(applied(before, [change]));
  // One after the other: of two quick choices the later one has to be the last that the core hears.
  const saving = lastSaved
    .catch(() => undefined)
    .then(() => call('update_settings', { settings: change }))
    .finally(() => settle(change));
  lastSaved = saving;
  try {
    const settings = await saving;
    const now = queryClient.getQueryData<Status>(KEY);
    if (now) showStatus(applied({ ...now, settings }, unconfirmed));
  } catch (error) {
    await refreshStatus();
    throw error;
  }
}

/** A choice that only the window reads, e.g. the columns of a list. */
export function useWindowSetting<T>(key: string, fallback: T): [T, (value: T) => void] {
  const stored = useSettings().window[key] as T | undefined;
  return useMemo(
    () => [
      stored ?? fallback,
      // What was not kept is shown as it was before, with the reason.
      (value: T) => void updateSettings({ window: { [key]: value } }).catch(showError),
    ],
    [stored, fallback, key],
  );
}
