/** The list of any entity: saved views, search, filter, columns, the grid, and what to do with a selection. */
import {
  DeleteOutlined,
  DownloadOutlined,
  EditOutlined,
  ImportOutlined,
  MessageOutlined,
  PlusOutlined,
  ShopOutlined,
} from '@ant-design/icons';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Button, Modal } from 'antd';
import dayjs from 'dayjs';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createRecord } from '../../app/create';
import { openRecord } from '../../app/open';
import type { ListSearch } from '../../app/router';
import { leaveList, returnTo } from '../../app/trail';
import { EmptyState } from '../../components/feedback/EmptyState';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { showToast } from '../../components/feedback/toasts';
import { FilterButton } from '../../components/filter/FilterBuilder';
import { FilterChips } from '../../components/filter/FilterChips';
import { chipsOf } from '../../components/filter/filters';
import { SearchInput } from '../../components/filter/SearchInput';
import { ColumnChooser } from '../../components/grid/ColumnChooser';
import { DataGrid } from '../../components/grid/DataGrid';
import { type ColumnLayout, shownFields } from '../../components/grid/layout';
import { isSelected, NOTHING, type Selection, selectedCount } from '../../components/grid/selection';
import type { GridSource } from '../../components/grid/source';
import { useGridSource } from '../../components/grid/use-grid-source';
import { useCatalog } from '../../data/catalog';
import { queryClient } from '../../data/client';
import { useStatus, useWindowSetting } from '../../data/status';
import { removeRecords, tried } from '../../data/writes';
import type { EntityDef, Filter } from '../../transport/contract';
import { pickSave, revealFile } from '../../transport/platform';
import { call } from '../../transport/transport';
import { LOGGED, logAbout } from '../interactions/log-about';
import { showTogether } from '../transfer/panel';
import { BulkEdit } from './BulkEdit';
import { type SavedView, ViewTabs } from './ViewTabs';

/** More at once is refused: each record is one entry of the change log. */
const BULK_LIMIT = 10_000;
const NO_VIEWS: SavedView[] = [];
const NO_LAYOUT: ColumnLayout = {};

export function Lists({ entity }: { entity: string }) {
  // Another entity is another list: nothing of the former one stays.
  return <List key={entity} entity={entity} />;
}

const PATHS: Record<string, string> = {
  customer: '/customers',
  contact: '/contacts',
  opportunity: '/opportunities',
  interaction: '/interactions',
};

const NO_CONDITIONS: Filter = { all: [] };

/** The filter where it has conditions. */
const asked = (filter: Filter | undefined): Filter | undefined =>
  chipsOf(filter).length ? filter : undefined;

/** The order that a list has before anyone chooses one. */
const usualSort = (entity: EntityDef) =>
  typeof entity.row_order === 'object' ? [{ field: entity.row_order.by, descending: true }] : [];

function List({ entity: key }: { entity: string }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const entity = catalog.entity(key);
  const label = catalog.label(entity.label);
  const search = useSearch({ strict: false }) as ListSearch;
  const navigate = useNavigate();
  const [views, setViews] = useWindowSetting<SavedView[]>(`views.${key}`, NO_VIEWS);
  const [plainLayout, setPlainLayout] = useWindowSetting<ColumnLayout>(`columns.${key}`, NO_LAYOUT);
  const view = views.find((one) => one.id === search.view);
  const layout = view?.layout ?? plainLayout;
  const setLayout = (next: ColumnLayout) =>
    view
      ? setViews(views.map((one) => (one.id === view.id ? { ...one, layout: next } : one)))
      : setPlainLayout(next);

  const filter = asked(search.filter ?? view?.filter);
  const sort = useMemo(() => search.sort ?? view?.sort ?? usualSort(entity), [search.sort, view, entity]);
  const go = (next: ListSearch) =>
    void navigate({ to: PATHS[key] ?? '/', search: next as never, replace: true });

  const setFilter = (next: Filter | undefined) => {
    const { filter: _, ...rest } = search;
    // Without conditions is something of its own where the saved view has some.
    go(next || view?.filter ? { ...rest, filter: next ?? NO_CONDITIONS } : rest);
  };
  const clear = () =>
    go(view?.filter ? { view: view.id, filter: NO_CONDITIONS } : view ? { view: view.id } : {});

  const columns = useMemo(() => {
    const keys = shownFields(entity, layout).map((field) => field.key);
    // The title names the row in toasts; customer and pipeline narrow what its editors offer.
    const needed = [entity.title, 'customer', 'pipeline'].filter((k) =>
      entity.fields.some((f) => f.key === k),
    );
    return [...new Set([...keys, ...needed])];
  }, [entity, layout]);
  const related = useMemo(
    () => entity.fields.flatMap((field) => ('target' in field ? [field.target] : [])),
    [entity],
  );
  const live = useGridSource({ entity: key, filter, sort, search: search.q }, columns, related);
  const { source } = live;
  const latest = useRef(source);
  latest.current = source;
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [bulk, setBulk] = useState<string[] | null>(null);
  const [exporting, setExporting] = useState(false);
  const [modal, holder] = Modal.useModal();
  const chosen = selectedCount(selection, source?.count ?? 0);

  // What is selected belongs to one filter; another one shows other rows.
  const queryKey = JSON.stringify([filter, search.q]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another filter clears the selection
  useEffect(() => setSelection(NOTHING), [queryKey]);

  const selectedIds = async (): Promise<string[] | null> => {
    if (!source) return null;
    if (chosen > BULK_LIMIT) {
      showToast({ tone: 'bad', text: t('grid.tooMany', { max: BULK_LIMIT }) });
      return null;
    }
    return tried(idsOf(source, selection));
  };
  const remove = async () => {
    const ids = await selectedIds();
    if (!ids?.length) return;
    await modal.confirm({
      title: t('grid.removeTitle', { count: ids.length, entity: label }),
      content: t('grid.removeText'),
      okText: t('common.delete'),
      okButtonProps: { danger: true },
      cancelText: t('common.cancel'),
      onOk: async () => {
        if (await removeRecords(key, ids)) setSelection(NOTHING);
      },
    });
  };
  const clearSelection = () => setSelection(NOTHING);
  const transfer = async () => {
    const ids = await selectedIds();
    if (ids?.length) showTogether({ kind: 'transfer', customers: ids, onDone: clearSelection });
  };
  const merge = async () => {
    const [first, second] = (await selectedIds()) ?? [];
    if (first && second) showTogether({ kind: 'merge', ids: [first, second], onDone: clearSelection });
  };
  const exportView = async () => {
    if (!source) return;
    const name = t('lists.exportName', { entity: label, date: dayjs().format('YYYY-MM-DD') });
    const path = await tried(
      pickSave(t('lists.exportTitle'), name, [{ name: t('lists.sheetFiles'), extensions: ['xlsx'] }]),
    );
    // While a file was being chosen, the list may have been opened anew.
    const view = latest.current?.view;
    if (!path || view === undefined) return;
    const shown = shownFields(entity, layout).map((field) => field.key);
    setExporting(true);
    const done = await tried(call('export_view', { view, columns: shown, path }));
    setExporting(false);
    if (!done) return;
    showToast({
      tone: 'good',
      text: t('common.toast.exported', { count: done.rows }),
      action: { label: t('common.showInFolder'), run: () => void tried(revealFile(done.path)) },
    });
  };

  const filtered = filter !== undefined || search.q !== undefined;
  return (
    <section className="list" data-testid={`list-${key}`} aria-label={label}>
      {holder}
      <ViewTabs
        views={views}
        current={view}
        count={source?.count ?? null}
        changed={view !== undefined && (search.filter !== undefined || search.sort !== undefined)}
        onOpen={(id) => go(id ? { view: id } : {})}
        onViews={setViews}
        onSave={(name, replace) => {
          const id = replace ?? `view-${Date.now().toString(36)}`;
          const saved: SavedView = { id, name, layout, sort, ...(filter ? { filter } : {}) };
          setViews(replace ? views.map((one) => (one.id === id ? saved : one)) : [...views, saved]);
          go({ view: id });
        }}
      />
      <div className="list-tools">
        <SearchInput
          value={search.q ?? ''}
          label={t('lists.search')}
          className="list-search"
          data-testid="list-search"
          onSearch={(text) => {
            const { q: _, ...rest } = search;
            go(text ? { ...rest, q: text } : rest);
          }}
        />
        <FilterButton entity={entity} filter={filter} titles={source?.titles ?? {}} onFilter={setFilter} />
        <span className="topbar-space" />
        {chosen > 0 ? (
          <div className="list-selected">
            <span>{t('grid.selected', { count: chosen })}</span>
            <Button
              icon={<EditOutlined />}
              data-testid="bulk-edit"
              onClick={() => void selectedIds().then((ids) => ids?.length && setBulk(ids))}
            >
              {t('grid.setField')}
            </Button>
            {key === 'customer' && catalog.users.length > 1 ? (
              <Button onClick={() => void transfer()} data-testid="bulk-transfer">
                {t('transfer.action')}
              </Button>
            ) : null}
            {key === 'customer' && chosen === 2 ? (
              <Button onClick={() => void merge()} data-testid="bulk-merge">
                {t('transfer.merge.action')}
              </Button>
            ) : null}
            {chosen === 1 && LOGGED.has(key) ? (
              <Button
                icon={<MessageOutlined />}
                data-testid="row-log"
                onClick={async () => {
                  const only = (await selectedIds())?.[0];
                  if (only) await logAbout(key, only);
                }}
              >
                {t('customerPage.logInteraction')}
              </Button>
            ) : null}
            <Button danger icon={<DeleteOutlined />} onClick={() => void remove()} data-testid="bulk-remove">
              {t('common.delete')}
            </Button>
            <Button type="text" onClick={() => setSelection(NOTHING)}>
              {t('grid.clearSelection')}
            </Button>
          </div>
        ) : (
          <ColumnChooser entity={entity} layout={layout} onLayout={setLayout} />
        )}
        <Button
          icon={<DownloadOutlined />}
          onClick={() => void exportView()}
          disabled={!source}
          loading={exporting}
          data-testid="export"
        >
          {/* What is selected is no part of it: the core exports a list as it is shown. */}
          {chosen > 0 ? t('lists.exportWhole') : t('common.export')}
        </Button>
      </div>
      <FilterChips entity={entity} filter={filter} titles={source?.titles ?? {}} onFilter={setFilter} />
      {live.error ? (
        <ErrorBlock error={live.error} onRetry={live.retry} />
      ) : (
        <DataGrid
          entity={entity}
          live={live}
          layout={layout}
          onLayout={setLayout}
          sort={sort}
          onSort={(next) => go({ ...search, sort: next })}
          selection={selection}
          onSelection={setSelection}
          startAt={source ? returnTo(source.query) : null}
          onOpen={(id) => {
            if (source) leaveList(source.query, source.indexOf(id));
            openRecord(key, id);
          }}
          onRemove={() => void remove()}
          empty={
            filtered ? (
              <EmptyState text={t('lists.emptyFiltered', { entity: label })}>
                <Button onClick={clear}>{t('lists.clearFilter')}</Button>
              </EmptyState>
            ) : (
              <NoRecords entity={entity} label={label} />
            )
          }
        />
      )}
      {bulk ? <BulkEdit entity={entity} ids={bulk} onClose={() => setBulk(null)} /> : null}
    </section>
  );
}

async function idsOf(source: GridSource, selection: Selection): Promise<string[]> {
  if (!selection.all) return [...selection.ids];
  const { ids } = await call('view_ids', { view: source.view, offset: 0, limit: source.count ?? BULK_LIMIT });
  return ids.filter((id) => isSelected(selection, id));
}

function NoRecords({ entity, label }: { entity: EntityDef; label: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const sample = useStatus().data?.has_sample === false && entity.key === 'customer';
  const load = async () => {
    if (await tried(call('load_sample', {}))) await queryClient.invalidateQueries();
  };
  return (
    <EmptyState
      text={entity.key === 'customer' ? t('lists.emptyCustomers') : t('lists.emptyOther', { entity: label })}
    >
      <Button
        type="primary"
        icon={<PlusOutlined />}
        onClick={() => createRecord(entity.key)}
        data-testid="empty-new"
      >
        {t('common.newRecord', { entity: label })}
      </Button>
      <Button
        icon={<ImportOutlined />}
        onClick={() => void navigate({ to: '/import' })}
        data-testid="empty-import"
      >
        {t('lists.import')}
      </Button>
      {sample ? (
        <Button icon={<ShopOutlined />} onClick={() => void load()} data-testid="empty-sample">
          {t('lists.sample')}
        </Button>
      ) : null}
    </EmptyState>
  );
}
