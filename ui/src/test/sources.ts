/** The window's own source, for tests about habits that a type checker cannot see. */
const FILES = import.meta.glob<string>('../**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });

export const sources = (): { path: string; text: string }[] =>
  Object.entries(FILES).map(([path, text]) => ({ path, text }));
