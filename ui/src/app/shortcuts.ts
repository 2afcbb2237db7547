/** Keys that work anywhere, and the table of all keys that `?` shows. */
import { useEffect, useRef } from 'react';
import { chord, isComposing, isTyping } from '../components/keys';

export interface Shortcut {
  keys: string;
  run(): void;
  /** Also while typing in a field. */
  always?: boolean;
  /** Only while the keyboard is in the page itself, not in what lies open beside it. */
  inPage?: boolean;
}

/** Dialogs and forms, which keep the keys to themselves; a drawer without a mask is a page beside the page. */
const COVERS = '.ant-modal-wrap:not([style*="none"]), .ant-drawer-open:not(.no-mask)';

const isBeside = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('.ant-drawer') !== null;

/** A second key after G follows within this time. */
const SEQUENCE_MS = 1200;

export function useShortcuts(shortcuts: Shortcut[]): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    let first: string | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const down = (event: KeyboardEvent) => {
      if (isComposing(event) || event.defaultPrevented) return;
      const typing = isTyping(event.target);
      const covered = document.querySelector(COVERS) !== null;
      const beside = isBeside(event.target);
      const now = chord(event);
      const keys = first ? `${first} ${now}` : now;
      first = null;
      const found = latest.current.find(
        (one) => one.keys === keys && (one.always || !(typing || covered || (one.inPage && beside))),
      );
      if (found) {
        event.preventDefault();
        found.run();
      } else if (now === 'g' && !typing && !covered) {
        first = 'g';
        clearTimeout(timer);
        timer = setTimeout(() => {
          first = null;
        }, SEQUENCE_MS);
      }
    };
    window.addEventListener('keydown', down);
    return () => {
      clearTimeout(timer);
      window.removeEventListener('keydown', down);
    };
  }, []);
}

export type ShortcutName =
  | 'openRow'
  | 'move'
  | 'ends'
  | 'firstLast'
  | 'page'
  | 'select'
  | 'extend'
  | 'selectAll'
  | 'remove'
  | 'copy'
  | 'paste'
  | 'editCell'
  | 'type'
  | 'commitDown'
  | 'commitRight'
  | 'cancelEdit'
  | 'clearCell'
  | 'saveForm'
  | 'closeForm'
  | 'dayStep'
  | 'neighbours'
  | 'cardMove'
  | 'cardStage'
  | 'cardDrop'
  | 'cardOpen'
  | 'reminderStep'
  | 'reminderDone'
  | 'reminderLater'
  | 'reminderOpen'
  | 'conflictStep'
  | 'conflictFirst'
  | 'conflictSecond'
  | 'conflictMark'
  | 'conflictExtend'
  | 'conflictAll';

/** Keys of tables and forms, which live in those; the list only tells of them. */
export const LOCAL_SHORTCUTS: {
  group: 'grid' | 'edit' | 'form' | 'work';
  name: ShortcutName;
  keys: string[];
}[] = [
  { group: 'grid', name: 'move', keys: ['↑ ↓ ← →'] },
  { group: 'grid', name: 'ends', keys: ['Home', 'End'] },
  { group: 'grid', name: 'firstLast', keys: ['Ctrl+Home', 'Ctrl+End'] },
  { group: 'grid', name: 'page', keys: ['PageUp', 'PageDown'] },
  { group: 'grid', name: 'openRow', keys: ['Enter'] },
  { group: 'grid', name: 'select', keys: ['Space'] },
  { group: 'grid', name: 'extend', keys: ['Shift+↑', 'Shift+↓'] },
  { group: 'grid', name: 'selectAll', keys: ['Ctrl+A'] },
  { group: 'grid', name: 'copy', keys: ['Ctrl+C'] },
  { group: 'grid', name: 'paste', keys: ['Ctrl+V'] },
  { group: 'grid', name: 'remove', keys: ['Delete'] },
  { group: 'edit', name: 'editCell', keys: ['F2'] },
  { group: 'edit', name: 'type', keys: [] },
  { group: 'edit', name: 'commitDown', keys: ['Enter'] },
  { group: 'edit', name: 'commitRight', keys: ['Tab'] },
  { group: 'edit', name: 'cancelEdit', keys: ['Esc'] },
  { group: 'edit', name: 'clearCell', keys: ['Backspace'] },
  { group: 'form', name: 'saveForm', keys: ['Ctrl+Enter'] },
  { group: 'form', name: 'closeForm', keys: ['Esc'] },
  { group: 'form', name: 'dayStep', keys: ['↑', '↓'] },
  { group: 'work', name: 'neighbours', keys: ['j', 'k'] },
  { group: 'work', name: 'cardMove', keys: ['Space'] },
  { group: 'work', name: 'cardStage', keys: ['← →'] },
  { group: 'work', name: 'cardDrop', keys: ['Space', 'Esc'] },
  { group: 'work', name: 'cardOpen', keys: ['Enter'] },
  { group: 'work', name: 'reminderStep', keys: ['j', 'k'] },
  { group: 'work', name: 'reminderDone', keys: ['e'] },
  { group: 'work', name: 'reminderLater', keys: ['s'] },
  { group: 'work', name: 'reminderOpen', keys: ['Enter'] },
];

/** Keys of a laptop that belongs to a team; on one of its own there is nothing to decide. */
export const TEAM_SHORTCUTS: typeof LOCAL_SHORTCUTS = [
  { group: 'work', name: 'conflictStep', keys: ['j', 'k'] },
  { group: 'work', name: 'conflictFirst', keys: ['1'] },
  { group: 'work', name: 'conflictSecond', keys: ['2'] },
  { group: 'work', name: 'conflictMark', keys: ['x'] },
  { group: 'work', name: 'conflictExtend', keys: ['Shift+↑', 'Shift+↓'] },
  { group: 'work', name: 'conflictAll', keys: ['Ctrl+A'] },
];
