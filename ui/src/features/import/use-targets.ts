/** The fields that a column can go to, with their names in the window's language. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type CatalogIndex, useCatalog } from '../../data/catalog';
import { call } from '../../transport/transport';
import { type TargetGroup, targetGroups } from './mapping';

const NONE: TargetGroup[] = [];

export function useTargets(): TargetGroup[] {
  const { language } = useCatalog();
  const targets = useQuery({
    queryKey: ['import_targets'],
    queryFn: () => call('import_targets', {}),
    // Own fields can be imported as soon as they are made.
    meta: { entities: ['field_definition'] },
  }).data?.targets;
  return useMemo(() => (targets ? targetGroups(targets, language) : NONE), [targets, language]);
}

/** `customer.level` → 客户 · 客户级别 */
export function targetLabel(catalog: CatalogIndex, target: string): string {
  const [entity = '', key = ''] = target.split('.');
  const field = catalog.field(entity, key);
  return field ? `${catalog.entityLabel(entity)} · ${catalog.label(field.label)}` : target;
}

/** `customer.level` → 客户级别, where the kind of record is clear. */
export function fieldLabel(catalog: CatalogIndex, target: string): string {
  const [entity = '', key = ''] = target.split('.');
  const field = catalog.field(entity, key);
  return field ? catalog.label(field.label) : target;
}
