/** The bar above the board: which pipeline, whose deals, how large, what name. */
import { Button, Segmented, Select } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { AsOf } from '../../components/AsOf';
import { HOME_CURRENCY, isMoney } from '../../components/fields/amounts';
import { MoneyField } from '../../components/fields/MoneyField';
import { SearchInput } from '../../components/filter/SearchInput';
import { useCatalog } from '../../data/catalog';
import type { BoardSearch } from './board-filter';

interface BoardToolsProps {
  search: BoardSearch;
  pipeline: string;
  onSearch(search: BoardSearch): void;
  onPipeline(pipeline: string): void;
}

/** Typing settles for so long before the board is asked again. */
const SETTLE = 150;

export function BoardTools({ search, pipeline, onSearch, onPipeline }: BoardToolsProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const latest = useRef(search);
  latest.current = search;
  const put = (key: 'owner' | 'min' | 'q', value: string | number | null) => {
    const { [key]: _, ...rest } = latest.current;
    onSearch(value ? { ...rest, [key]: value } : rest);
  };
  const filtered = Boolean(search.owner || search.min || search.q);
  return (
    <div className="list-tools board-tools">
      <Segmented
        value={pipeline}
        aria-label={t('board.pipeline')}
        options={catalog.pipelines.map((one) => ({ value: one.id, label: catalog.name(one) }))}
        onChange={onPipeline}
        data-testid="board-pipeline"
      />
      <SearchInput
        value={search.q ?? ''}
        label={t('board.search')}
        className="board-name"
        data-testid="board-search"
        onSearch={(q) => put('q', q)}
      />
      <Select
        allowClear
        value={search.owner ?? null}
        placeholder={t('board.everyone')}
        aria-label={t('board.owner')}
        className="board-owner"
        data-testid="board-owner"
        options={catalog.users.map((user) => ({ value: user.id, label: user.name }))}
        onChange={(owner: string | null) => put('owner', owner ?? null)}
      />
      <MinimumFilter value={search.min ?? null} onChange={(min) => put('min', min)} />
      {filtered ? (
        <Button type="text" onClick={() => onSearch({})} data-testid="board-clear">
          {t('board.clear')}
        </Button>
      ) : null}
      <span className="topbar-space" />
      <AsOf />
    </div>
  );
}

/** Gives a value on when it has not changed for a while. */
function useSettled<T>(give: (value: T) => void): (value: T) => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(give);
  latest.current = give;
  useEffect(() => () => clearTimeout(timer.current), []);
  return (value) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(value), SETTLE);
  };
}

function MinimumFilter({ value, onChange }: { value: number | null; onChange(min: number | null): void }) {
  const { t } = useTranslation();
  const later = useSettled(onChange);
  return (
    <div className="board-minimum">
      <span aria-hidden>{t('board.minimum')}</span>
      <MoneyField
        value={value === null ? null : [value, HOME_CURRENCY]}
        aria-label={t('board.minimum')}
        data-testid="board-minimum"
        // Text that is no amount changes nothing.
        onChange={(next) => {
          if (next === null || isMoney(next)) later(next?.[0] ?? null);
        }}
      />
    </div>
  );
}
