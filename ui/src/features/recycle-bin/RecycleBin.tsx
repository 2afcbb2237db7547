/** Deleted records, by kind, with a way back for each. */
import { UndoOutlined } from '@ant-design/icons';
import { Button, Segmented } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../components/feedback/EmptyState';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { showToast } from '../../components/feedback/toasts';
import { DataGrid } from '../../components/grid/DataGrid';
import type { ColumnLayout } from '../../components/grid/layout';
import { isSelected, NOTHING, type Selection, selectedCount } from '../../components/grid/selection';
import { useGridSource } from '../../components/grid/use-grid-source';
import { useCatalog } from '../../data/catalog';
import { restoreRecords, tried } from '../../data/writes';
import type { EntityDef, Sort } from '../../transport/contract';
import { call } from '../../transport/transport';

/** Kinds of records, with the name of the place that has the living ones. */
const KINDS = [
  ['customer', 'customers'],
  ['contact', 'contacts'],
  ['opportunity', 'opportunities'],
  ['interaction', 'interactions'],
  ['reminder', 'reminders'],
] as const;
const LIMIT = 10_000;

export function RecycleBin() {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const [kind, setKind] = useState<string>('customer');
  const [turn, setTurn] = useState(0);
  return (
    <section className="list" data-testid="recycle-bin" aria-label={t('places.recycleBin')}>
      <header className="page-head">
        <h1>{t('places.recycleBin')}</h1>
        <p className="soft">{t('lists.binHint')}</p>
      </header>
      <Segmented
        className="bin-kinds"
        value={kind}
        options={KINDS.map(([kind, place]) => ({ value: kind, label: t(`places.${place}`) }))}
        onChange={setKind}
      />
      <Bin key={`${kind} ${turn}`} entity={catalog.entity(kind)} onAgain={() => setTurn(turn + 1)} />
    </section>
  );
}

function Bin({ entity, onAgain }: { entity: EntityDef; onAgain(): void }) {
  const { t } = useTranslation();
  const [layout, setLayout] = useState<ColumnLayout>({});
  const [sort, setSort] = useState<Sort[]>([]);
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const columns = useMemo(
    () => [...new Set([entity.title, ...entity.fields.filter((f) => f.grid_width > 0).map((f) => f.key)])],
    [entity],
  );
  const live = useGridSource({ entity: entity.key, sort, deleted: true }, columns);
  const { source } = live;
  const chosen = selectedCount(selection, source?.count ?? 0);

  const restore = async () => {
    if (!source) return;
    if (chosen > LIMIT) {
      showToast({ tone: 'bad', text: t('grid.tooMany', { max: LIMIT }) });
      return;
    }
    const ids = selection.all
      ? (
          await tried(call('view_ids', { view: source.view, offset: 0, limit: source.count ?? LIMIT }))
        )?.ids.filter((id) => isSelected(selection, id))
      : [...selection.ids];
    if (ids?.length && (await restoreRecords(entity.key, ids))) setSelection(NOTHING);
  };

  if (live.error) return <ErrorBlock error={live.error} onRetry={onAgain} />;
  return (
    <>
      <div className="list-tools">
        <Button
          type="primary"
          icon={<UndoOutlined />}
          disabled={chosen === 0}
          onClick={() => void restore()}
          data-testid="bin-restore"
        >
          {t('common.restore')}
        </Button>
        {chosen ? <span className="soft">{t('grid.selected', { count: chosen })}</span> : null}
      </div>
      <DataGrid
        entity={entity}
        live={live}
        layout={layout}
        onLayout={setLayout}
        sort={sort}
        onSort={setSort}
        selection={selection}
        onSelection={setSelection}
        onOpen={(id) => setSelection({ all: false, ids: new Set([id]), anchor: null })}
        editable={false}
        empty={<EmptyState text={t('lists.emptyBin')} />}
      />
    </>
  );
}
