import { QueryClientProvider } from '@tanstack/react-query';
import { renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { describe, expect, it } from 'vitest';
import type { SyncStatus } from '../transport/contract';
import { connect } from '../transport/transport';
import { queryClient } from './client';
import { ASKED, useUnsynced } from './sync';

const STATUS: SyncStatus = {
  account: { server: 'https://crm.example', login: 'lin', user: 'me', role: null },
  phase: 'waiting',
  pending: 2,
  attention: 0,
  conflicts: 0,
  last_sync: 0,
  waiting_since: 0,
  trouble: null,
  progress: null,
  weak_network: false,
  clock_offset: 0,
};
const Around = ({ children }: { children: ReactNode }) => (
  <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
);

describe('marks of what the server misses', () => {
  it('are asked for in pages, and none of many is left out', async () => {
    const asked: string[][] = [];
    connect({
      listen: () => () => undefined,
      async call(method, params) {
        if (method === 'sync_status') return STATUS;
        const { ids } = params as { ids: string[] };
        asked.push(ids);
        const waiting = ids.filter((id) => id === 'card-0' || id === 'card-899');
        return { states: Object.fromEntries(waiting.map((id) => [id, 'waiting'])) };
      },
    });
    const ids = Array.from({ length: 900 }, (_, n) => `card-${n}`);
    const { result } = renderHook(() => useUnsynced(ids), { wrapper: Around });
    await waitFor(() => expect(result.current).toEqual({ 'card-0': 'waiting', 'card-899': 'waiting' }));
    expect(asked.map(({ length }) => length).sort()).toEqual([100, ASKED, ASKED]);
  });
});
