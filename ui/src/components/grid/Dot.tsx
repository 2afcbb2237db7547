/** A quiet mark beside a name; what it means is said to who points at it, and to who hears the page. */
export function Dot({ state, label }: { state: string; label: string }) {
  return (
    <span
      role="img"
      className={`unsynced-dot${state === 'sent' ? ' sent' : ''}`}
      aria-label={label}
      title={label}
      data-testid="unsynced"
    />
  );
}
