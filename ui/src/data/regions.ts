/** Names of region codes, asked for in one go for all cells that need them, and kept. */
import { useEffect, useSyncExternalStore } from 'react';
import type { RegionView } from '../transport/contract';
import { call } from '../transport/transport';

const known = new Map<string, RegionView>();
const wanted = new Set<string>();
const watchers = new Set<() => void>();
let version = 0;
let asked = false;

function want(code: string): void {
  if (known.has(code) || wanted.has(code)) return;
  wanted.add(code);
  if (asked) return;
  asked = true;
  queueMicrotask(() => {
    asked = false;
    const codes = [...wanted];
    void call('region_names', { codes })
      .then(({ regions }) => {
        for (const region of regions) known.set(region.code, region);
        version += 1;
        for (const tell of watchers) tell();
      })
      // A code without a name is shown as the code; it is asked for again when it is next seen.
      .catch(() => undefined)
      .finally(() => {
        for (const code of codes) wanted.delete(code);
      });
  });
}

/** Makes the names of these codes known at once, for what is written elsewhere than on the screen. */
export async function learnRegions(codes: string[]): Promise<void> {
  const missing = [...new Set(codes)].filter((code) => !known.has(code));
  if (!missing.length) return;
  const { regions } = await call('region_names', { codes: missing });
  for (const region of regions) known.set(region.code, region);
}

const watch = (changed: () => void) => {
  watchers.add(changed);
  return () => void watchers.delete(changed);
};

/** 广东省深圳市南山区 → 深圳市 南山区: the province is left out where a city follows. */
export function shortRegion(region: RegionView): string {
  const path = region.path.filter((part) => part !== '市辖区');
  return path.slice(-2).join(' ');
}

export function useRegion(code: string | null): RegionView | undefined {
  useSyncExternalStore(watch, () => version);
  useEffect(() => {
    if (code) want(code);
  }, [code]);
  return code ? known.get(code) : undefined;
}

export const knownRegion = (code: string): RegionView | undefined => known.get(code);
