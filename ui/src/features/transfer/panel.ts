/** Which of the dialogs between colleagues lies open: from lists, from the page of a customer. */
import { create } from 'zustand';

export type Together =
  | { kind: 'transfer'; customers: string[]; onDone?(): void }
  | { kind: 'merge'; ids: [string, string]; onDone?(): void }
  | { kind: 'share'; customer: string; name: string; owner: string | null };

interface Panel {
  open: Together | null;
  show(open: Together | null): void;
}

export const useTogether = create<Panel>((set) => ({
  open: null,
  show: (open) => set({ open }),
}));

export const showTogether = (open: Together): void => useTogether.getState().show(open);
