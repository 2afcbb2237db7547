/**
 * The one way from the window to the core: `call` for questions and deeds, `subscribe` for what the
 * core tells by itself. Which wire carries it (desktop IPC, loopback HTTP, memory) is chosen once.
 */
import type { Event, Methods } from './contract';

/** What the desktop shell tells beside the core's own events. */
export type ShellEvent =
  | { type: 'files_over'; over: boolean }
  | { type: 'files_dropped'; paths: string[] }
  | { type: 'open_reminder'; id: string | null }
  /** Someone wants to end the program; the page does it, or asks first. */
  | { type: 'quit_asked' };

export type AnyEvent = Event | ShellEvent;
export type Listener = (event: AnyEvent) => void;

export interface FieldError {
  field: string;
  code: string;
  params: Record<string, string>;
}

export interface Wire {
  call(method: string, params: unknown): Promise<unknown>;
  /** Starts listening; the answer stops it. */
  listen(listener: Listener): () => void;
}

/** A refusal with a code to translate; `errors` names the fields that a check refused. */
export class TransportError extends Error {
  override readonly name = 'TransportError';

  constructor(
    readonly code: string,
    readonly params: Record<string, string> = {},
    readonly field: string | null = null,
    readonly errors: FieldError[] = [],
  ) {
    super(code);
  }

  /** Whatever a wire threw, as a `TransportError`. */
  static from(thrown: unknown): TransportError {
    if (thrown instanceof TransportError) return thrown;
    if (
      typeof thrown === 'object' &&
      thrown !== null &&
      'code' in thrown &&
      typeof thrown.code === 'string'
    ) {
      const raw = thrown as Partial<TransportError> & { code: string };
      return new TransportError(raw.code, raw.params ?? {}, raw.field ?? null, raw.errors ?? []);
    }
    return new TransportError('unreachable', {}, null, []);
  }
}

let wire: Wire | null = null;
const listeners = new Set<Listener>();
let stopListening: (() => void) | null = null;

/** Chooses the wire, once at start (tests choose one for each case). */
export function connect(chosen: Wire): void {
  stopListening?.();
  wire = chosen;
  stopListening = chosen.listen((event) => {
    for (const listener of [...listeners]) listener(event);
  });
}

export async function call<M extends keyof Methods>(
  method: M,
  params: Methods[M]['params'],
): Promise<Methods[M]['answer']> {
  if (!wire) throw new TransportError('unreachable');
  try {
    return (await wire.call(method, params)) as Methods[M]['answer'];
  } catch (thrown) {
    throw TransportError.from(thrown);
  }
}

export function subscribe(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
