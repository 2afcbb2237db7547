/** A change of the log in words: who did what to which record, and each field's way from old to new. */
import { isEmpty, type Names, showValue } from '../../components/fields/values';
import type { TFunction } from '../../i18n';
import type { FieldChange, FieldDef, HistoryEntry } from '../../transport/contract';

const KINDS = ['create', 'update', 'delete', 'restore', 'transfer', 'merge', 'split'] as const;

/** 修改了商机「二期项目」; about the page's own record without its name. */
export function changeWords(entry: HistoryEntry, names: Names, t: TFunction, own?: string): string {
  const { catalog } = names;
  const entity = catalog.has(entry.entity) ? catalog.entityLabel(entry.entity) : entry.entity;
  const kind = KINDS.find((one) => one === entry.kind) ?? 'update';
  const title = entry.title || t('common.unnamed');
  if (entry.entity === 'participation') {
    if (kind === 'create' || kind === 'restore') return t('customerPage.change.joined', { title });
    if (kind === 'delete') return t('customerPage.change.left', { title });
  }
  if (kind === 'update' && entry.record === own) return t('customerPage.change.updateOwn', { entity });
  return t(`customerPage.change.${kind}`, { entity, title });
}

/** Where a change came from when not from someone's hand. */
export function originWords(origin: string, t: TFunction): string | null {
  if (origin.startsWith('import')) return t('customerPage.change.byImport');
  if (origin.startsWith('undo') || origin.startsWith('redo')) return t('customerPage.change.byUndo');
  return null;
}

export interface ChangeLine {
  field: FieldDef;
  label: string;
  change: FieldChange;
}

/** Fields of a change that the window has a name for; a new record's values stand on its own page. */
export function changeLines(
  entry: Pick<HistoryEntry, 'kind' | 'entity' | 'fields'>,
  names: Names,
): ChangeLine[] {
  if (entry.kind !== 'update' && entry.kind !== 'transfer') return [];
  // In the order of forms, so that the stage stands above what follows from it.
  const known = names.catalog.has(entry.entity) ? names.catalog.entity(entry.entity).fields : [];
  return known.flatMap((field) => {
    const change = entry.fields.find((one) => one.field === field.key);
    return change ? [{ field, label: names.catalog.label(field.label), change }] : [];
  });
}

/** A value as the line shows it; 空 for nothing. */
export const valueWords = (field: FieldDef, value: unknown, names: Names, t: TFunction): string =>
  isEmpty(value) ? t('customerPage.change.emptyValue') : showValue(field, value, names);

/** The whole line as text: 阶段 需求分析→方案提交. */
export const lineWords = ({ field, label, change }: ChangeLine, names: Names, t: TFunction): string =>
  `${label} ${valueWords(field, change.old, names, t)}→${valueWords(field, change.new, names, t)}`;
