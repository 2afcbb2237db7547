/** What the core says of a cell or a row, in the words of the window. */
import { codeText } from '../../components/feedback/error-text';
import { i18n } from '../../i18n';
import type { CellIssue } from '../../transport/contract';

const TEXTS: object = i18n.getResourceBundle('zh-CN', 'translation').imports.issues;

/** The sentence for a code at a cell; an import has its own words, e.g. for dates. */
export function issueText({ code, params }: Pick<CellIssue, 'code' | 'params'>): string {
  return Object.hasOwn(TEXTS, code)
    ? i18n.t(`imports.issues.${code as 'too_long'}`, params as { max: string })
    : codeText(code, params);
}

const LONGEST = 24;

/** With the column's name and what stands there before it, where the issue is about one cell. */
export function issueLine(issue: CellIssue, cells: string[]): string {
  const text = issueText(issue);
  const { column_name: column } = issue;
  if (!column) return text;
  const cell = (issue.column === null ? undefined : cells[issue.column]) ?? '';
  if (!cell) return i18n.t('imports.issueAt', { column, text });
  const value = cell.length > LONGEST ? `${cell.slice(0, LONGEST)}…` : cell;
  return i18n.t('imports.issueWith', { column, value, text });
}
