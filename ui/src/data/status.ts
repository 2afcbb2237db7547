/** The data file's state and a person's settings. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Settings, Status } from '../transport/contract';
import { call } from '../transport/transport';
import { queryClient } from './client';

const KEY = ['status'];

export function useStatus() {
  return useQuery({ queryKey: KEY, queryFn: () => call('status', {}), meta: { status: true } });
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

/** Shows the choice at once and keeps it; `window` keys are set one by one. */
export async function updateSettings(change: Partial<Settings>): Promise<void> {
  const before = queryClient.getQueryData<Status>(KEY);
  if (before) {
    const settings = {
      ...before.settings,
      ...change,
      window: { ...before.settings.window, ...change.window },
    };
    showStatus({ ...before, settings });
  }
  try {
    const settings = await call('update_settings', { settings: change });
    const now = queryClient.getQueryData<Status>(KEY);
    if (now) showStatus({ ...now, settings });
  } catch (error) {
    if (before) showStatus(before);
    throw error;
  }
}

/** A choice that only the window reads, e.g. the columns of a list. */
export function useWindowSetting<T>(key: string, fallback: T): [T, (value: T) => void] {
  const stored = useSettings().window[key] as T | undefined;
  return useMemo(
    () => [stored ?? fallback, (value: T) => void updateSettings({ window: { [key]: value } })],
    [stored, fallback, key],
  );
}
