/** The editor inside a cell: Enter keeps and goes down, Tab keeps and goes on, Esc drops. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { FieldDef, JsonValue, Titles } from '../../transport/contract';
import { datesRead } from '../fields/DateField';
import { FieldEditor } from '../fields/FieldEditor';
import type { ReferenceContext } from '../fields/ReferencePicker';
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
  const frame = useRef<HTMLDivElement>(null);

  const keep = async (then: AfterEdit, chosen?: JsonValue) => {
    if (done.current) return;
    done.current = true;
    await datesRead();
    onKeep(chosen === undefined ? latest.current : chosen, then);
  };
  const drop = () => {
    done.current = true;
    onDrop();
  };

  // A click elsewhere keeps what was typed. Lists and calendars of the editor lie outside of its frame.
  const keepRef = useRef(keep);
  keepRef.current = keep;
  useEffect(() => {
    const outside = (event: PointerEvent) => {
      const target = event.target as HTMLElement;
      if (frame.current?.contains(target)) return;
      if (target.closest('.ant-select-dropdown, .ant-popover, .ant-cascader-dropdown, .ant-picker-dropdown'))
        return;
      void keepRef.current('stay');
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
    <div ref={frame} className={`cell-editor cell-editor-${field.type}`} onKeyDown={keyDown}>
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
