/** Chooses the wire for the place the page runs in. */
import { isTauri } from '@tauri-apps/api/core';
import { httpWire, takeToken } from './http';
import { tauriWire } from './tauri';
import type { Wire } from './transport';

export async function chooseWire(): Promise<Wire> {
  if (isTauri()) return tauriWire;
  const token = takeToken();
  if (token) return httpWire(token);
  // Left out of the production build: a build without a core must not pretend to have one.
  if (import.meta.env.DEV || import.meta.env.MODE === 'mock') {
    const { mockWire } = await import('./mock/mock');
    return mockWire();
  }
  return httpWire('');
}
