/** The whole window over the mock core, opened at one of its addresses. */
import { act, render, screen } from '@testing-library/react';
import { App } from '../app/App';
import { router } from '../app/router';
import { mockWire } from '../transport/mock/mock';
import type { MockOptions } from '../transport/mock/options';
import { type AnyEvent, connect, type Listener, type Wire } from '../transport/transport';

export interface Opened {
  /** Every call so far, the mock's own answer behind it. */
  calls: { method: string; params: unknown }[];
  /** As if the core or the shell told something. */
  tell(event: AnyEvent): void;
}

/** `meddle` may refuse calls, or keep them waiting, before the mock sees them. */
export async function openAt(
  address: string,
  options: MockOptions = {},
  meddle?: (method: string, params: unknown) => unknown,
): Promise<Opened> {
  const mock = mockWire({ customers: 30, ...options });
  const calls: Opened['calls'] = [];
  const listeners = new Set<Listener>();
  const wire: Wire = {
    listen(listener) {
      listeners.add(listener);
      const stop = mock.listen(listener);
      return () => {
        listeners.delete(listener);
        stop();
      };
    },
    async call(method, params) {
      calls.push({ method, params });
      const wait = meddle?.(method, params);
      if (wait instanceof Promise) await wait;
      return mock.call(method, params);
    },
  };
  connect(wire);
  render(<App />);
  await screen.findByTestId('app');
  // Only a window that is drawn hears of another address.
  act(() => router.history.replace(address));
  return {
    calls,
    tell(event) {
      for (const listener of listeners) listener(event);
    },
  };
}
