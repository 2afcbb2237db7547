/** A change that waits, as a person would tell of it. */
import type { Names } from '../../components/fields/values';
import type { TFunction } from '../../i18n';
import type { FieldChange, OutboxLine } from '../../transport/contract';
import { changeLines, lineWords, valueWords } from '../customer-page/changes';
import { CARD, cardWords, type Deciding } from './deciding';

const KINDS = ['create', 'update', 'delete', 'restore', 'transfer', 'merge', 'split'] as const;

/** 商机「二期项目」, 新建客户「华科」, 导入 1,200 项, 对商机「二期项目」金额的决定：用了我的. */
export function headWords(line: OutboxLine, names: Names, deciding: Deciding, t: TFunction): string {
  if (line.origin.startsWith('import') && line.count > 1) {
    return t('sync.outbox.import', { count: line.count });
  }
  const what = line.entity === CARD ? cardWords(line, deciding, names, t) : recordWords(line, names, t);
  return line.count > 1 ? t('sync.outbox.many', { what, count: line.count }) : what;
}

function recordWords(line: OutboxLine, names: Names, t: TFunction): string {
  const entity = names.catalog.has(line.entity) ? names.catalog.entityLabel(line.entity) : line.entity;
  const kind = KINDS.find((one) => one === line.kind) ?? 'update';
  return t(`sync.outbox.${kind}`, { entity, title: line.title || t('common.unnamed') });
}

/** 阶段 需求分析→方案提交 for each field, in the order of forms. */
export function detailWords(line: OutboxLine, names: Names, t: TFunction): string[] {
  if (line.origin.startsWith('import') && line.count > 1) {
    return line.title ? [t('sync.outbox.importOf', { title: line.title })] : [];
  }
  // Of a decision the head says all.
  if (line.entity === CARD) return [];
  return changeLines(line, names).map((change) => lineWords(change, names, t));
}

export interface Typed {
  key: string;
  label: string;
  text: string;
}

/** What somebody typed, field by field, whatever became of it. */
export function typedWords(entity: string, fields: FieldChange[], names: Names, t: TFunction): Typed[] {
  return changeLines({ kind: 'update', entity, fields }, names).map(({ field, label, change }) => ({
    key: field.key,
    label,
    text: valueWords(field, change.new, names, t),
  }));
}
