/** Which column of the file goes to which field: rules of the choice, kept apart from the screen. */

import { initials } from '../../components/initials';
import type { CatalogIndex } from '../../data/catalog';
import type { ImportColumn, ImportTarget } from '../../transport/contract';

/** Target by column index; a column that is not imported is not in it. */
export type Mapping = Readonly<Record<number, string>>;

/** The core takes a customer by any of these; without one it cannot tell whom a row is about. */
const IDENTIFYING = ['customer.name', 'customer.number', 'customer.uscc'];

export function guessed(columns: ImportColumn[]): Mapping {
  const mapping: Record<number, string> = {};
  for (const { index, target } of columns) if (target) mapping[index] = target;
  return mapping;
}

/** Whether several columns feed one field together: 省, 市 and 区, or remarks in two columns. */
export function takesSeveral(catalog: CatalogIndex, target: string): boolean {
  const [entity = '', key = ''] = target.split('.');
  const type = catalog.field(entity, key)?.type;
  return type === 'region' || type === 'long_text';
}

export interface Assigned {
  mapping: Mapping;
  /** The column that had the target before and is now not imported. */
  released: number | null;
}

/** Gives a column its target. A field that takes one column only is taken away from the other. */
export function assign(
  mapping: Mapping,
  column: number,
  target: string | null,
  several: (target: string) => boolean,
): Assigned {
  const next: Record<number, string> = { ...mapping };
  delete next[column];
  if (target === null) return { mapping: next, released: null };
  const holder = several(target) ? undefined : Object.keys(next).find((key) => next[Number(key)] === target);
  if (holder !== undefined) delete next[Number(holder)];
  next[column] = target;
  return { mapping: next, released: holder === undefined ? null : Number(holder) };
}

export const namesCustomer = (mapping: Mapping): boolean =>
  Object.values(mapping).some((target) => IDENTIFYING.includes(target));

/** The same choice for a file that was read again: by column name, where the names are still there. */
export function carriedOver(mapping: Mapping, before: ImportColumn[], now: ImportColumn[]): Mapping | null {
  const carried: Record<number, string> = {};
  for (const [index, target] of Object.entries(mapping)) {
    const name = before.find((column) => column.index === Number(index))?.name;
    const place = now.find((column) => column.name === name);
    if (!place) return null;
    carried[place.index] = target;
  }
  return carried;
}

export interface TargetGroup {
  entity: string;
  label: string;
  targets: { value: string; label: string; required: boolean; search: string }[];
}

/** Targets by kind of record, in the order of the core, each with what a search may type for it. */
export function targetGroups(targets: ImportTarget[], language: string): TargetGroup[] {
  const groups: TargetGroup[] = [];
  const english = language === 'en';
  for (const one of targets) {
    const entity = one.target.split('.')[0] ?? '';
    const entityLabel = english ? one.entity_en : one.entity_zh;
    let group = groups.find((other) => other.entity === entity);
    if (!group) {
      group = { entity, label: entityLabel, targets: [] };
      groups.push(group);
    }
    const words = [one.entity_zh + one.field_zh, one.entity_en, one.field_en, one.target];
    group.targets.push({
      value: one.target,
      label: (english ? one.field_en : '') || one.field_zh,
      required: one.required,
      search: [...words, initials(one.field_zh), initials(one.entity_zh + one.field_zh)]
        .join(' ')
        .toLowerCase(),
    });
  }
  return groups;
}

export const matchesTarget = (typed: string, search: string): boolean =>
  typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => search.includes(word));
