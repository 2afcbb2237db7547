import { describe, expect, it } from 'vitest';
import { sources } from '../test/sources';
import { en } from './en';
import { i18n, showLanguage } from './index';
import { zhCN } from './zh-CN';

type Tree = { [key: string]: string | Tree };

const leaves = (tree: Tree, path = ''): Map<string, string> => {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(path + key, value);
    else for (const [below, text] of leaves(value, `${path}${key}.`)) found.set(below, text);
  }
  return found;
};

const chinese = leaves(zhCN);
const english = leaves(en);
const holes = (text: string) =>
  [...new Set([...text.matchAll(/{{\s*(\w+)[^}]*}}/g)].map((match) => match[1]))].sort();

describe('texts', () => {
  it('has the same keys in both languages, beside the singulars of English', () => {
    const manifold = [...english.keys()].filter((key) => !key.endsWith('_one'));
    expect(manifold.sort()).toEqual([...chinese.keys()].sort());
  });

  it('fills the same holes in both languages', () => {
    for (const [key, text] of chinese) expect(holes(english.get(key) ?? ''), key).toEqual(holes(text));
  });

  it('tells one from many in English', () => {
    for (const [key, text] of english) {
      if (!key.endsWith('_one')) continue;
      const many = english.get(key.replace(/_one$/, '')) ?? '';
      expect(holes(many), key).toContain('count');
      expect(holes(many), key).toEqual(expect.arrayContaining(holes(text)));
    }
    showLanguage('en');
    expect([1, 2].map((count) => i18n.t('imports.check.apply', { count }))).toEqual([
      'Import 1 row',
      'Import 2 rows',
    ]);
    showLanguage('zh-CN');
    expect(i18n.t('imports.check.apply', { count: 1 })).toMatch(/1/);
  });

  it('leaves no text empty and lets no Chinese into English', () => {
    // The name of a language is written in itself.
    const meant = new Set(['places.actions.toggleLanguage']);
    for (const [key, text] of english) {
      expect(text.trim(), key).not.toBe('');
      if (!meant.has(key)) expect(text, key).not.toMatch(/[\u4e00-\u9fff]/);
    }
    for (const [key, text] of chinese) expect(text.trim(), key).not.toBe('');
  });

  it('writes English with straight quotes, since a Chinese font draws the curved ones a full square wide', () => {
    for (const [key, text] of english) expect(text, key).not.toMatch(/[‘’“”]/);
  });

  it('keeps Chinese out of the code: every sentence on screen comes from the texts', () => {
    const allowed = /i18n\/|transport\/mock\/|\.test\.|transport\/contract/;
    const leaking = sources().filter(({ path, text }) => {
      if (allowed.test(path)) return false;
      const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:])\/\/.*$/gm, '$1');
      // Text between tags; what stands in quotes are words that people type or that the data holds.
      return /(?<!=)>[^<{}'"`;]*[\u4e00-\u9fff]/.test(code);
    });
    expect(leaking.map(({ path }) => path)).toEqual([]);
  });

  it('switches at once', () => {
    showLanguage('en');
    expect(i18n.t('common.save')).toBe('Save');
    expect(document.documentElement.lang).toBe('en');
    showLanguage('zh-CN');
    expect(i18n.t('common.save')).toBe('保存');
  });
});
