/**
 * The cache of answers. It never goes stale by time: the core tells what changed, and only queries
 * that declared an interest (`meta`) in those entities or records are asked again.
 */
import { QueryClient } from '@tanstack/react-query';
import { type AnyEvent, subscribe } from '../transport/transport';

declare module '@tanstack/react-query' {
  interface Register {
    queryMeta: {
      /** Asked again when a record of one of these entities changes. */
      entities?: readonly string[];
      /** Narrows `entities` to this one record. */
      record?: string;
      /** Asked again when the data file's state changes. */
      status?: boolean;
      /** Asked again when it changes where this laptop stands with its server, or what the server misses. */
      sync?: boolean;
    };
  }
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 5 * 60_000,
      networkMode: 'always',
      retry: false,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

/** Entities whose records are part of the catalog's answer: options, stages, people, tags, own fields. */
export const CATALOG_ENTITIES = ['option', 'pipeline', 'stage', 'tag', 'user', 'field_definition'] as const;

export function invalidate(client: QueryClient, event: AnyEvent): void {
  if (event.type === 'changed') {
    void client.invalidateQueries({
      predicate: ({ meta }) =>
        (meta?.entities?.some((entity) => event.entities.includes(entity)) ?? false) &&
        (meta?.record === undefined || event.all || event.ids.includes(meta.record)),
    });
    void client.invalidateQueries({ queryKey: ['undo_state'] });
    void client.invalidateQueries({ predicate: ({ meta }) => meta?.sync === true });
    // The status says who works here.
    if (event.entities.includes('user')) {
      void client.invalidateQueries({ predicate: ({ meta }) => meta?.status === true });
    }
  } else if (event.type === 'sync') {
    void client.invalidateQueries({ predicate: ({ meta }) => meta?.sync === true });
  } else if (event.type === 'status') {
    void client.invalidateQueries({ predicate: ({ meta }) => meta?.status === true });
  } else if (event.type === 'reminders_due') {
    void client.invalidateQueries({ predicate: ({ meta }) => meta?.entities?.includes('reminder') ?? false });
  }
}

export const followChanges = (client: QueryClient): (() => void) =>
  subscribe((event) => invalidate(client, event));
