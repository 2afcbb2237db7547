/** The active filter in words, one chip for each of its parts. */
import { CloseOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { useRegion } from '../../data/regions';
import type { EntityDef, FieldDef, Filter, Test, Titles } from '../../transport/contract';
import { useNames } from '../fields/FieldView';
import { listFields } from '../fields/system-fields';
import { asIds, type Names, nameOf, showValue } from '../fields/values';
import { asPair, chipsOf, takesMany, takesValue, withoutChip } from './filters';

/** The name of a comparison, in the words that fit the field: 不早于 for times, 不小于 for amounts. */
export function useTestName(): (field: FieldDef, test: Test) => string {
  const { t } = useTranslation();
  return (field, test) => {
    if (field.type === 'date' || field.type === 'instant') {
      if (test === 'at_least') return t('filter.tests.since');
      if (test === 'at_most') return t('filter.tests.until');
    }
    return t(`filter.tests.${test}`);
  };
}

interface FilterChipsProps {
  entity: EntityDef;
  filter: Filter | undefined;
  titles: Titles;
  onFilter(filter: Filter | undefined): void;
}

export function FilterChips({ entity, filter, titles, onFilter }: FilterChipsProps) {
  const { t } = useTranslation();
  const names = useNames(titles);
  if (!filter) return null;
  return (
    <div className="filter-chips">
      {chipsOf(filter).map((part, at) => (
        <span key={at} className="filter-chip" data-testid="filter-chip">
          <FilterText entity={entity} filter={part} names={names} />
          <button
            type="button"
            aria-label={t('filter.remove')}
            onClick={() => onFilter(withoutChip(filter, at))}
          >
            <CloseOutlined />
          </button>
        </span>
      ))}
    </div>
  );
}

function FilterText({ entity, filter, names }: { entity: EntityDef; filter: Filter; names: Names }) {
  const { t } = useTranslation();
  const testName = useTestName();
  if (!('field' in filter)) {
    const [parts, joint] = 'all' in filter ? [filter.all, t('filter.and')] : [filter.any, t('filter.or')];
    return (
      <>
        {parts.map((part, at) => (
          <span key={at}>
            {at > 0 ? <em>{joint}</em> : null}
            <FilterText entity={entity} filter={part} names={names} />
          </span>
        ))}
      </>
    );
  }
  const { field: key, test, value } = filter.field;
  const field = listFields(entity).find((one) => one.key === key);
  if (!field) return null;
  const label = names.catalog.label(field.label);
  if (!takesValue(test)) return <>{`${label} ${testName(field, test)}`}</>;
  if (field.type === 'region') {
    return (
      <>
        {`${label} ${testName(field, test)} `}
        <RegionPath code={String(value ?? '')} />
      </>
    );
  }
  const words =
    test === 'between'
      ? asPair(value)
          .map((end) => showValue(field, end, names))
          .join(' – ')
      : takesMany(test)
        ? asIds(value)
            .map((id) => nameOf(id, names))
            .join(names.separator)
        : showValue(field, value, names);
  return <>{t('filter.chip', { field: label, test: testName(field, test), value: words })}</>;
}

function RegionPath({ code }: { code: string }) {
  return <>{useRegion(code)?.path.join(' ') ?? code}</>;
}
