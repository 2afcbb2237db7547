/** The wire inside the desktop window: IPC to the shell, which passes it to the core. */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { AnyEvent, Wire } from './transport';

export const tauriWire: Wire = {
  call: (method, params) => invoke('call', { method, params }),
  listen(listener) {
    const stop = listen<AnyEvent>('ketu', (event) => listener(event.payload));
    return () => void stop.then((unlisten) => unlisten());
  },
};
