/** Tabs over a page, one stop of the keyboard; the arrows go from one to the next. */
import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import { isComposing } from './keys';

export interface TabItem<K extends string> {
  key: K;
  label: ReactNode;
  /** Beside the label; nothing for zero. */
  count?: number;
  /** The count is something to do. */
  late?: boolean;
}

interface TabListProps<K extends string> {
  items: TabItem<K>[];
  current: K;
  label: string;
  /** What the tests call it: `<name>-<key>`. */
  name: string;
  onTab(key: K): void;
}

export function TabList<K extends string>({ items, current, label, name, onTab }: TabListProps<K>) {
  const list = useRef<HTMLDivElement>(null);
  const keyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = items.findIndex(({ key }) => key === current);
    const next = items[(at + step + items.length) % items.length];
    if (!next) return;
    onTab(next.key);
    list.current?.querySelector<HTMLElement>(`[data-tab="${next.key}"]`)?.focus();
  };
  return (
    <div
      ref={list}
      role="tablist"
      aria-label={label}
      className="view-tablist"
      onKeyDown={keyDown}
      tabIndex={-1}
    >
      {items.map((item) => (
        <button
          key={item.key}
          type="button"
          role="tab"
          aria-selected={item.key === current}
          tabIndex={item.key === current ? 0 : -1}
          className="view-tab"
          data-tab={item.key}
          data-testid={`${name}-${item.key}`}
          onClick={() => onTab(item.key)}
        >
          {item.label}
          {item.count === undefined ? null : (
            <small className={item.late && item.count > 0 ? 'late' : ''}>{item.count.toLocaleString()}</small>
          )}
        </button>
      ))}
    </div>
  );
}
