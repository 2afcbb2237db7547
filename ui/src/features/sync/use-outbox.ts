/** Windows of what the server misses: 100,000 changes are no reason to load more than is in sight. */
import { keepPreviousData, useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { OutboxLine, Titles } from '../../transport/contract';
import { call, type TransportError } from '../../transport/transport';

const WINDOW = 100;

interface Lines {
  /** Unknown until the first window has come. */
  total: number | null;
  line(index: number): OutboxLine | undefined;
  titles: Titles;
  error: TransportError | null;
  retry(): void;
}

export function useOutbox(first: number, last: number): Lines {
  const from = Math.floor(first / WINDOW);
  const to = Math.max(from, Math.floor(last / WINDOW));
  const answers = useQueries({
    queries: Array.from({ length: to - from + 1 }, (_, at) => ({
      queryKey: ['outbox', from + at],
      queryFn: () => call('outbox', { offset: (from + at) * WINDOW, limit: WINDOW }),
      placeholderData: keepPreviousData,
      meta: { sync: true },
    })),
  });
  const known = answers.filter(({ isPlaceholderData }) => !isPlaceholderData);
  const titles = useMemo(
    () => Object.assign({}, ...answers.map(({ data }) => data?.titles ?? {})) as Titles,
    [answers],
  );
  const failed = answers.find(({ error }) => error !== null);
  return {
    total: (known[0] ?? answers[0])?.data?.total ?? null,
    line(index) {
      const answer = answers[Math.floor(index / WINDOW) - from];
      return answer?.isPlaceholderData ? undefined : answer?.data?.lines[index % WINDOW];
    },
    titles,
    error: (failed?.error as TransportError | null | undefined) ?? null,
    retry: () => void failed?.refetch(),
  };
}
