import { QueryClient } from '@tanstack/react-query';
import { beforeEach, describe, expect, it } from 'vitest';
import { invalidate } from './client';

describe('what a change asks for again', () => {
  let client: QueryClient;
  const stale = (key: string) => client.getQueryState([key])?.isInvalidated ?? false;
  const put = (key: string, meta: Record<string, unknown>) =>
    client.fetchQuery({ queryKey: [key], queryFn: () => key, meta, staleTime: Number.POSITIVE_INFINITY });

  beforeEach(async () => {
    client = new QueryClient();
    await put('customers', { entities: ['customer'] });
    await put('one', { entities: ['customer'], record: 'c1' });
    await put('other', { entities: ['customer'], record: 'c2' });
    await put('reminders', { entities: ['reminder'] });
    await put('status', { status: true });
  });

  it('is what showed the changed record or its kind, and nothing else', () => {
    invalidate(client, { type: 'changed', entities: ['customer'], ids: ['c1'], all: false });
    expect(['customers', 'one', 'other', 'reminders', 'status'].map(stale)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('is everything of the kind where the list of ids was cut', () => {
    invalidate(client, { type: 'changed', entities: ['customer'], ids: [], all: true });
    expect(stale('other')).toBe(true);
    expect(stale('reminders')).toBe(false);
  });

  it('is the status when the file changed, and reminders when some came due', () => {
    invalidate(client, { type: 'status' });
    expect(stale('status')).toBe(true);
    invalidate(client, { type: 'reminders_due', title: '', body: '', reminders: [], missed: false });
    expect(stale('reminders')).toBe(true);
  });
});
