/** What lies open over the page: palette, shortcuts, the record form. Kept apart from the data. */
import { create } from 'zustand';
import type { FieldValues } from '../transport/contract';
import { isUnsaved, mayDiscard } from './unsaved';

export interface FormRequest {
  entity: string;
  /** Absent for a new record. */
  id?: string;
  /** Values that a new record begins with. */
  preset?: FieldValues;
  /** Names of records that `preset` refers to. */
  titles?: Record<string, string>;
  onSaved?(id: string): void;
}

interface Panels {
  palette: boolean;
  shortcuts: boolean;
  form: FormRequest | null;
  recoveryKey: boolean;
  setPalette(open: boolean): void;
  setShortcuts(open: boolean): void;
  setRecoveryKey(open: boolean): void;
  /** Opens a form; one with unsaved changes gives way only when a person agrees. */
  openForm(request: FormRequest): void;
  closeForm(): void;
}

export const usePanels = create<Panels>((set, get) => ({
  palette: false,
  shortcuts: false,
  form: null,
  recoveryKey: false,
  setPalette: (palette) => set({ palette }),
  setShortcuts: (shortcuts) => set({ shortcuts }),
  setRecoveryKey: (recoveryKey) => set({ recoveryKey }),
  openForm(form) {
    const open = get().form;
    if (!open || !isUnsaved('record')) {
      set({ form, palette: false });
      return;
    }
    set({ palette: false });
    // The record that is being edited: it is there already.
    if (form.id !== undefined && form.id === open.id) return;
    void mayDiscard().then((yes) => {
      if (!yes) return;
      // The old form goes before the new one comes, else a new record would begin with what was typed for another.
      set({ form: null });
      setTimeout(() => set({ form }));
    });
  },
  closeForm: () => set({ form: null }),
}));

/** Opens the form for a new record. */
export const newRecord = (entity: string, rest: Omit<FormRequest, 'entity' | 'id'> = {}): void =>
  usePanels.getState().openForm({ entity, ...rest });

/** Opens the form of a record. */
export const editRecord = (entity: string, id: string): void => usePanels.getState().openForm({ entity, id });
