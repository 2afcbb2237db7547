/** A field's value for reading, in lists, pages and forms. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { type CatalogIndex, useCatalog } from '../../data/catalog';
import { shortRegion, useRegion } from '../../data/regions';
import type { FieldDef, JsonValue, Titles } from '../../transport/contract';
import { Chip } from './Chip';
import { asIds, isEmpty, type Names, nameOf, showValue } from './values';

/** What turning values into words needs; steady between renders. */
export function useNames(titles: Titles): Names {
  const catalog = useCatalog();
  const { t } = useTranslation();
  return useMemo(
    () => ({ catalog, titles, yes: t('common.yes'), no: t('common.no'), separator: t('common.separator') }),
    [catalog, titles, t],
  );
}

export function FieldView({
  field,
  value,
  titles,
}: {
  field: FieldDef;
  value: JsonValue | undefined;
  titles: Titles;
}) {
  return <ValueView field={field} value={value} names={useNames(titles)} />;
}

/** The same with names at hand; lists use it for every cell. */
export function ValueView({
  field,
  value,
  names,
}: {
  field: FieldDef;
  value: JsonValue | undefined;
  names: Names;
}) {
  if (isEmpty(value)) return null;
  switch (field.type) {
    case 'choice':
    case 'multi_choice':
      return <Chips ids={asIds(value)} catalog={names.catalog} names={names} />;
    case 'reference':
      if (field.target === 'stage') return <StageChip id={String(value)} names={names} />;
      return <>{showValue(field, value, names)}</>;
    case 'many_reference':
      if (field.target === 'tag') return <Chips ids={asIds(value)} catalog={names.catalog} names={names} />;
      return <>{showValue(field, value, names)}</>;
    case 'region':
      return <RegionName code={String(value)} />;
    case 'boolean':
      return value === true ? (
        <span role="img" aria-label={names.yes}>
          ✓
        </span>
      ) : (
        names.no
      );
    default:
      return <>{showValue(field, value, names)}</>;
  }
}

function Chips({ ids, catalog, names }: { ids: string[]; catalog: CatalogIndex; names: Names }) {
  return (
    <span className="chips">
      {ids.map((id) => {
        const option = catalog.option(id);
        const color = option?.color ?? catalog.tags.find((tag) => tag.id === id)?.color ?? '';
        // An option without a colour reads as plain text: a list of grey boxes tires the eye.
        return option && !option.color ? (
          <span key={id}>{nameOf(id, names)}</span>
        ) : (
          <Chip key={id} text={nameOf(id, names)} color={color} archived={option?.archived ?? false} />
        );
      })}
    </span>
  );
}

function StageChip({ id, names }: { id: string; names: Names }) {
  const outcome = names.catalog.stage(id)?.outcome;
  return (
    <Chip
      text={nameOf(id, names)}
      color={outcome === 'won' ? 'green' : outcome === 'lost' ? 'red' : 'blue'}
    />
  );
}

function RegionName({ code }: { code: string }) {
  const region = useRegion(code);
  return <>{region ? shortRegion(region) : code}</>;
}
