import { describe, expect, it } from 'vitest';
import { codeText, isKnownCode } from '../../components/feedback/error-text';
import { en } from '../../i18n/en';
import { zhCN } from '../../i18n/zh-CN';
import { issueLine, issueText } from './issues';

/** The core's own source says which codes there are. */
const IMPORT = import.meta.glob<string>('../../../../crates/app/src/import/**/*.rs', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const SHEET = import.meta.glob<string>('../../../../crates/sheet/src/error.rs', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const read = (files: Record<string, string>, name: string): string => {
  const path = Object.keys(files).find((one) => one.endsWith(name));
  if (!path) throw new Error(`the core has no ${name}`);
  return files[path] ?? '';
};
const found = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');

const cellCodes = () => {
  const source = read(IMPORT, '/import/reasons.rs');
  const table = source.slice(source.indexOf('SENTENCES'), source.indexOf('];'));
  return found(table, /\(\s*"([a-z_]+)",/g);
};
const sheetCodes = () => {
  const source = read(SHEET, '/error.rs');
  const body = source.slice(source.indexOf('fn code('), source.indexOf('fn params('));
  return found(body, /=> "([a-z_]+)"/g);
};
const refusals = () => Object.values(IMPORT).flatMap((text) => found(text, /refused\(\s*"([a-z_]+)"/g));

describe('codes of an import', () => {
  it('has a sentence in both languages for everything that the core says at a cell (R31)', () => {
    const codes = cellCodes();
    expect(codes.length).toBeGreaterThan(30);
    for (const code of codes) {
      expect(zhCN.imports.issues, code).toHaveProperty(code);
      expect(en.imports.issues, code).toHaveProperty(code);
    }
  });

  it('fills the same holes as the core, so that no sentence shows an empty place', () => {
    const source = read(IMPORT, '/import/reasons.rs');
    for (const [, code = '', chinese = ''] of source.matchAll(/\(\s*"([a-z_]+)",\s*"([^"]*)"/g)) {
      const given = new Set(found(chinese, /\{(\w+)\}/g));
      const used = found(
        zhCN.imports.issues[code as keyof typeof zhCN.imports.issues] ?? '',
        /\{\{(\w+)\}\}/g,
      );
      for (const name of used) expect(given, code).toContain(name);
    }
  });

  it('has a sentence in both languages for every refusal of a file and of a step', () => {
    const codes = [...sheetCodes().map((code) => `sheet_${code}`), ...refusals()];
    expect(codes.length).toBeGreaterThan(20);
    for (const code of codes) {
      expect(isKnownCode(code), code).toBe(true);
      expect(en.errors, code).toHaveProperty(code);
    }
  });

  it('tells for every refused file what to do, not only what is wrong', () => {
    for (const code of sheetCodes().filter((one) => one !== 'cancelled' && one !== 'sheet_not_found')) {
      expect(codeText(`sheet_${code}`, { limit_mb: '200', seconds: '60', row: '3' }), code).toMatch(/请/);
    }
  });

  it('says in one line which column, what stands there and what is wrong with it', () => {
    const issue = {
      row: 7,
      column: 1,
      column_name: '手机',
      code: 'phone_length',
      params: {},
      warning: false,
    };
    expect(issueLine(issue, ['甲公司', '1380013'])).toBe('手机「1380013」电话号码位数不对');
    expect(issueLine({ ...issue, column: 0, column_name: '名称', code: 'required' }, [''])).toBe(
      '名称：必填，不能为空',
    );
    expect(issueLine({ ...issue, column: null, column_name: '', code: 'company_refused' }, [])).toBe(
      zhCN.imports.issues.company_refused,
    );
    expect(issueText({ code: 'differs_in_file', params: { row: '12' } })).toContain('第 12 行');
  });
});
