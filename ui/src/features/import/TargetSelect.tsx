/** Chooses where a column goes: by kind of record, found by Chinese, English or first letters of pinyin. */
import { Select } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../data/catalog';
import { matchesTarget, type TargetGroup } from './mapping';
import { targetLabel } from './use-targets';

/** antd's Select has no empty value that it shows as chosen. */
const SKIPPED = '';

interface TargetSelectProps {
  column: string;
  value: string | null;
  groups: TargetGroup[];
  /** The column that has a field now; several-column fields are not in it. */
  holders: ReadonlyMap<string, string>;
  onChange(target: string | null): void;
}

interface Choice {
  value: string;
  label: string;
  search: string;
  required: boolean;
}

export function TargetSelect({ column, value, groups, holders, onChange }: TargetSelectProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const options = useMemo(() => {
    const skip = t('imports.columns.notImported');
    return [
      { value: SKIPPED, label: skip, search: `${skip} - x`.toLowerCase(), required: false },
      ...groups.map(({ label, entity, targets }) => ({ label, title: entity, options: targets })),
    ];
  }, [groups, t]);
  return (
    <Select<string, Choice>
      className={`import-target${value === null ? ' skipped' : ''}`}
      value={value ?? SKIPPED}
      options={options as Choice[]}
      aria-label={t('imports.columns.targetOf', { column })}
      data-testid={`import-target-${column}`}
      showSearch={{ filterOption: (typed, option) => matchesTarget(typed, option?.search ?? '') }}
      placeholder={t('imports.columns.searchHint')}
      notFoundContent={<span className="soft">{t('imports.columns.noTarget')}</span>}
      popupMatchSelectWidth={300}
      listHeight={320}
      virtual={false}
      labelRender={({ value: chosen, label }) =>
        chosen === SKIPPED || typeof chosen !== 'string' ? label : targetLabel(catalog, chosen)
      }
      optionRender={({ data }) => {
        const holder = data.value === value ? undefined : holders.get(data.value);
        return (
          <span className="import-option">
            <span>
              {data.label}
              {data.required ? <em title={t('imports.columns.required')}> *</em> : null}
            </span>
            {holder === undefined ? null : <small>{t('imports.columns.taken', { column: holder })}</small>}
          </span>
        );
      }}
      onChange={(next) => onChange(next === SKIPPED ? null : next)}
    />
  );
}
