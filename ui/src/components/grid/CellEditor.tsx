/** The editor inside a cell: Enter keeps and goes down, Tab keeps and goes on, Esc drops. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { FieldDef, JsonValue, Titles } from '../../transport/contract';
import { codeText } from '../feedback/error-text';
import { showToast } from '../feedback/toasts';
import { datesRead } from '../fields/DateField';
import { FieldEditor } from '../fields/FieldEditor';
import type { ReferenceContext } from '../fields/ReferencePicker';
import { unreadable } from '../fields/values';
import { isComposing } from '../keys';

export type AfterEdit = 'down' | 'up' | 'right' | 'left' | 'stay';

interface CellEditorProps {
  field: FieldDef;
  value: JsonValue;
  titles: Titles;
  context: ReferenceContext;
  /** The key that opened the editor and replaces the value. */
  seed: string | undefined;
  label: string;
  onKeep(value: JsonValue, then: AfterEdit): void;
  onDrop(): void;
}

/** Editors with a list to choose from keep as soon as one is chosen. */
const CHOOSES = new Set(['choice', 'reference']);
const SEEDED_TEXT = new Set(['text', 'long_text', 'phone', 'email', 'url']);

export function CellEditor({ field, value, titles, context, seed, label, onKeep, onDrop }: CellEditorProps) {
  const [draft, setDraft] = useState<JsonValue>(
    seed !== undefined && SEEDED_TEXT.has(field.type) ? seed : value,
  );
  const latest = useRef(draft);
  latest.current = draft;
  const done = useRef(false);
  /** Whether a person went on after the key that opened the editor. */
  const continued = useRef(false);
  const frame = useRef<HTMLDivElement>(null);

  const keep = async (then: AfterEdit, chosen?: JsonValue) => {
    if (done.current) return;
    done.current = true;
    await datesRead();
    const value = chosen === undefined ? latest.current : chosen;
    const problem = unreadable(field, value);
    if (problem === null) onKeep(value, then);
    else {
      showToast({ tone: 'bad', text: `${label}: ${codeText(problem)}` });
      // Under the hand the editor stays open for what was mistyped; who went elsewhere has left it.
      if (then === 'stay') onDrop();
      else done.current = false;
    }
  };
  const drop = () => {
    done.current = true;
    onDrop();
  };

  // A click elsewhere keeps what was typed, but for a single key: that may have been meant as a shortcut.
  // Lists and calendars of the editor lie outside of its frame.
  const leave = () => void (seed === undefined || continued.current ? keep('stay') : drop());
  const leaveRef = useRef(leave);
  leaveRef.current = leave;
  useEffect(() => {
    const outside = (event: PointerEvent) => {
      const target = event.target as HTMLElement;
      const inside =
        frame.current?.contains(target) ||
        target.closest('.ant-select-dropdown, .ant-popover, .ant-cascader-dropdown, .ant-picker-dropdown');
      if (inside) continued.current = true;
      else leaveRef.current();
    };
    document.addEventListener('pointerdown', outside, true);
    return () => document.removeEventListener('pointerdown', outside, true);
  }, []);

  // The caret stands behind what is there, ready to go on typing.
  useEffect(() => {
    const input = frame.current?.querySelector<HTMLInputElement | HTMLTextAreaElement>('input, textarea');
    input?.focus();
    if (seed === undefined) input?.select();
    else input?.setSelectionRange?.(input.value.length, input.value.length);
  }, [seed]);

  const keyDown = (event: KeyboardEvent<HTMLElement>) => {
    event.stopPropagation();
    continued.current = true;
    if (isComposing(event)) return;
    const open = frame.current?.querySelector('.ant-select-open') !== null;
    if (event.key === 'Escape') {
      event.preventDefault();
      drop();
    } else if (event.key === 'Tab') {
      event.preventDefault();
      void keep(event.shiftKey ? 'left' : 'right');
    } else if (event.key === 'Enter') {
      // Enter in an open list chooses; with Shift or Alt it breaks the line of a long text.
      if (open) return;
      if (field.type === 'long_text' && (event.shiftKey || event.altKey)) return;
      event.preventDefault();
      void keep(event.shiftKey ? 'up' : 'down');
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears the keys of the editor inside it
    <div
      ref={frame}
      className={`cell-editor cell-editor-${field.type}`}
      onKeyDown={keyDown}
      onInput={() => {
        continued.current = true;
      }}
    >
      <FieldEditor
        field={field}
        value={draft}
        titles={titles}
        context={context}
        compact
        autoFocus
        defaultOpen
        seed={seed}
        aria-label={label}
        data-testid="cell-editor"
        onChange={(next) => {
          latest.current = next;
          setDraft(next);
          if (CHOOSES.has(field.type)) void keep('stay', next);
        }}
      />
    </div>
  );
}
