/** What jsdom lacks and the window has: sizes, observers, media queries. */
import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';
import { useToasts } from '../components/feedback/toasts';
import { queryClient } from '../data/client';
import { showLanguage } from '../i18n';

// A small machine that builds beside the tests needs longer than the usual second.
configure({ asyncUtilTimeout: 6000 });

class NoResize {
  observe() {}
  unobserve() {}
  disconnect() {}
}
vi.stubGlobal('ResizeObserver', NoResize);
// Names in tests need no escaping.
vi.stubGlobal('CSS', { escape: (name: string) => name, supports: () => false });

Object.defineProperties(HTMLElement.prototype, {
  offsetHeight: { configurable: true, get: () => 600 },
  offsetWidth: { configurable: true, get: () => 1200 },
  clientHeight: { configurable: true, get: () => 600 },
  clientWidth: { configurable: true, get: () => 1200 },
});
Element.prototype.scrollTo = () => undefined;
Element.prototype.scrollIntoView = () => undefined;
HTMLElement.prototype.setPointerCapture = () => undefined;
HTMLElement.prototype.hasPointerCapture = () => false;

window.matchMedia = (query: string) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    addListener: () => undefined,
    removeListener: () => undefined,
    dispatchEvent: () => false,
    onchange: null,
  }) satisfies MediaQueryList;

beforeEach(() => showLanguage('zh-CN'));

afterEach(() => {
  cleanup();
  queryClient.clear();
  useToasts.setState({ toasts: [] });
});
