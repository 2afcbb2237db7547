/** What hangs below customers, by kind, in the order of the catalog. */
import type { CatalogIndex } from '../../data/catalog';

export const countsBelow = (
  below: Record<string, number | undefined>,
  catalog: CatalogIndex,
): { entity: string; label: string; count: number }[] =>
  catalog.view.catalog.entities.flatMap(({ key, label, system }) => {
    const count = below[key] ?? 0;
    return count > 0 && !system ? [{ entity: key, label: catalog.label(label), count }] : [];
  });
