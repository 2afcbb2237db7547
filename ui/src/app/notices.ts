/** F8: from wherever the keyboard is to the cards of due reminders and the toasts, one after the other. */
const NOTICES = '.due-cards .due-card, .toasts .toast';
/** What one most likely came for: 完成 of a card, 撤销 of a toast. */
const FIRST = '.due-card-deeds button, .toast-text ~ button';

export function focusNotices(): void {
  const notices = [...document.querySelectorAll<HTMLElement>(NOTICES)];
  const here = notices.findIndex((notice) => notice.contains(document.activeElement));
  notices[(here + 1) % notices.length]?.querySelector<HTMLElement>(FIRST)?.focus();
}
