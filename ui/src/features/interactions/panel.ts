/** Who asks to log an interaction, and the record in view that it is about when nobody says. */
import { create } from 'zustand';
import { hasCreator } from '../../app/create';
import { asIds } from '../../components/fields/values';
import type { Titles } from '../../transport/contract';

export interface LogRequest {
  customer?: string | undefined;
  opportunity?: string | undefined;
  contacts?: string[] | undefined;
  /** Names of the records above. */
  titles?: Titles;
  /** The reminder that saving marks as done. */
  answers?: { id: string; title: string };
}

interface LogPanel {
  request: LogRequest | null;
  /** The customer whose page is open. */
  inView: LogRequest | null;
  open(request: LogRequest): void;
  close(): void;
  setInView(inView: LogRequest | null): void;
}

export const useLogPanel = create<LogPanel>((set) => ({
  request: null,
  inView: null,
  open: (request) => set({ request }),
  close: () => set({ request: null }),
  setInView: (inView) => set({ inView }),
}));

/** Opens the quick form; without a word about whom, it is about the customer in view. */
export function logInteraction(request?: LogRequest): void {
  const { open, inView } = useLogPanel.getState();
  open(request ?? inView ?? {});
}

hasCreator('interaction', ({ preset, titles }) => {
  if (!preset) logInteraction();
  else {
    logInteraction({
      customer: asIds(preset.customer)[0],
      opportunity: asIds(preset.opportunity)[0],
      contacts: asIds(preset.contacts),
      titles: titles ?? {},
    });
  }
});
