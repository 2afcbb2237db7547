/**
 * Reminders that came due while the window is open, as cards at its corner until someone deals with them.
 * The core fires each once; a card goes when its reminder is done, put off or deleted, wherever that happens.
 */
import { create } from 'zustand';
import type { DueReminder, RecordView } from '../../transport/contract';
import { type AnyEvent, call, subscribe } from '../../transport/transport';

interface DueCards {
  /** Came due just now, the newest last. */
  due: DueReminder[];
  /** Came due while Ketu was closed or the laptop slept: one group. */
  missed: DueReminder[];
  show(reminders: DueReminder[], missed: boolean): void;
  drop(ids: readonly string[]): void;
}

const without = (list: DueReminder[], ids: readonly string[]) => list.filter(({ id }) => !ids.includes(id));

export const useDueCards = create<DueCards>((set) => ({
  due: [],
  missed: [],
  show(reminders, missed) {
    const ids = reminders.map(({ id }) => id);
    set((now) => {
      const rest = { due: without(now.due, ids), missed: without(now.missed, ids) };
      return missed
        ? { ...rest, missed: [...rest.missed, ...reminders] }
        : { ...rest, due: [...rest.due, ...reminders] };
    });
  },
  drop: (ids) => set(({ due, missed }) => ({ due: without(due, ids), missed: without(missed, ids) })),
}));

const isOpen = (reminder: RecordView, dueAt: number): boolean =>
  reminder.deleted_at === null && !reminder.fields.done_at && reminder.fields.due_at === dueAt;

/** Looks again at the shown reminders that a change was about. */
async function recheck(event: AnyEvent & { type: 'changed' }): Promise<void> {
  const { due, missed, drop } = useDueCards.getState();
  const shown = [...due, ...missed].filter(({ id }) => event.all || event.ids.includes(id));
  await Promise.all(
    shown.map(async ({ id, due_at }) => {
      try {
        if (!isOpen(await call('get', { entity: 'reminder', id }), due_at)) drop([id]);
      } catch {
        drop([id]);
      }
    }),
  );
}

/** Shows what was told before this window listened: reminders of the start come before its page is there. */
async function showTold(): Promise<void> {
  const { due, missed } = await call('told_reminders', {});
  const { show } = useDueCards.getState();
  if (missed.length) show(missed, true);
  if (due.length) show(due, false);
}

/** Listens for as long as the window is open; the answer stops it. */
export function followDue(openReminder: (id: string | null) => void): () => void {
  // Without these cards the list of reminders is still whole.
  void showTold().catch(() => undefined);
  return subscribe((event) => {
    if (event.type === 'reminders_due') useDueCards.getState().show(event.reminders, event.missed);
    else if (event.type === 'changed' && event.entities.includes('reminder')) void recheck(event);
    else if (event.type === 'open_reminder') openReminder(event.id);
  });
}
