import { describe, expect, it } from 'vitest';
import { sources } from '../test/sources';
import { chord, isComposing, isTyping, startsText } from './keys';

const key = (init: KeyboardEventInit & { keyCode?: number }) => new KeyboardEvent('keydown', init);

describe('keys and input methods', () => {
  it('leaves Enter to the input method while it composes', () => {
    expect(isComposing(key({ key: 'Enter', isComposing: true }))).toBe(true);
    expect(isComposing(key({ key: 'Enter', keyCode: 229 }))).toBe(true);
    expect(isComposing({ nativeEvent: { keyCode: 229 } })).toBe(true);
    expect(isComposing(key({ key: 'Enter' }))).toBe(false);
  });

  it('writes chords as the tables of shortcuts do', () => {
    expect(chord(key({ key: 'k', ctrlKey: true }))).toBe('Ctrl+k');
    expect(chord(key({ key: 'K', metaKey: true }))).toBe('Ctrl+k');
    expect(chord(key({ key: 'Z', ctrlKey: true, shiftKey: true }))).toBe('Ctrl+Shift+z');
    expect(chord(key({ key: '?', shiftKey: true }))).toBe('?');
    expect(chord(key({ key: ' ' }))).toBe('Space');
  });

  it('knows fields in which letters are text', () => {
    expect(isTyping(document.createElement('input'))).toBe(true);
    expect(isTyping(document.createElement('div'))).toBe(false);
  });

  it('begins an edit at a printable character only', () => {
    expect(startsText(key({ key: '华' }))).toBe(true);
    expect(startsText(key({ key: 'a', ctrlKey: true }))).toBe(false);
    expect(startsText(key({ key: 'F2' }))).toBe(false);
  });

  it('finds no key handler that does not ask whether an input method composes', () => {
    const files = sources().filter(({ path }) => !path.includes('.test.'));
    const careless = files.filter(
      ({ text }) => /event\.key\s*===|addEventListener\('key/.test(text) && !text.includes('isComposing'),
    );
    expect(files.length).toBeGreaterThan(50);
    expect(careless.map(({ path }) => path)).toEqual([]);
  });
});
