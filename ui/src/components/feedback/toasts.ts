/** Short notices at the foot of the window, the undo offer among them. */
import { create } from 'zustand';

export interface Toast {
  id: number;
  tone: 'plain' | 'good' | 'bad';
  text: string;
  /** The transactions that 撤销 takes back, in the order they were made. */
  txs?: string[];
  action?: { label: string; run(): void };
  /** Shown small, for copying. */
  code?: string;
}

interface Toasts {
  toasts: Toast[];
  show(toast: Omit<Toast, 'id' | 'tone'> & { tone?: Toast['tone'] }): number;
  dismiss(id: number): void;
  /** Takes away the offers to undo this transaction: something else did. */
  settle(tx: string): void;
}

let next = 0;

export const useToasts = create<Toasts>((set) => ({
  toasts: [],
  show(toast) {
    next += 1;
    const id = next;
    // Three at most: an older notice gives way.
    set(({ toasts }) => ({ toasts: [...toasts.slice(-2), { tone: 'plain', ...toast, id }] }));
    return id;
  },
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
  settle: (tx) => set(({ toasts }) => ({ toasts: toasts.filter(({ txs }) => !txs?.includes(tx)) })),
}));

export const showToast: Toasts['show'] = (toast) => useToasts.getState().show(toast);
export const settleToasts: Toasts['settle'] = (tx) => useToasts.getState().settle(tx);
