/** Nothing here yet: one sentence and what to do about it. */
import type { ReactNode } from 'react';

export function EmptyState({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <div className="empty-state" data-testid="empty">
      <svg viewBox="0 0 96 64" aria-hidden="true" className="empty-road">
        <path d="M8 56 C 28 56, 30 36, 48 36 S 66 14, 88 10" />
        <circle cx="88" cy="10" r="5" />
        <circle cx="48" cy="36" r="3" />
        <circle cx="8" cy="56" r="3" />
      </svg>
      <p>{text}</p>
      {children ? <div className="empty-actions">{children}</div> : null}
    </div>
  );
}
