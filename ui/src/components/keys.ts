/**
 * Keys, safe for input methods: while a Chinese word is being composed, Enter, Escape and letters belong
 * to the input method. Every key handler of the window asks `isComposing` first.
 */
interface KeyLike {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

type NativeKey = { isComposing?: boolean; keyCode?: number };

/** True while an input method composes; WebKit tells some of these keys by code 229 only. */
export function isComposing(event: NativeKey | { nativeEvent: NativeKey }): boolean {
  const native = 'nativeEvent' in event ? event.nativeEvent : event;
  return native.isComposing === true || native.keyCode === 229;
}

/** The key as it is written in lists of shortcuts: `Ctrl+K`, `Shift+Enter`, `c`. */
export function chord(event: KeyLike): string {
  const key = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const parts: string[] = [];
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl');
  if (event.altKey) parts.push('Alt');
  // A printed sign such as ? already holds its Shift.
  if (event.shiftKey && (key.length > 1 || /[a-z]/.test(key))) parts.push('Shift');
  parts.push(key);
  return parts.join('+');
}

/** True where typed letters are text: a single-letter shortcut must not fire there. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName);
}

/** A printable character that begins an edit by replacing what is there. */
export function startsText(event: KeyLike): boolean {
  return event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey && !event.altKey;
}
