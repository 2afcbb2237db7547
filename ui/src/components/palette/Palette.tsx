/** Ctrl+K: finds records by name, pinyin, initials or phone, and does what the window can do. */
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { Modal } from 'antd';
import { Command } from 'cmdk';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Action, useActions } from '../../app/actions';
import { openRecord, recentRecords } from '../../app/open';
import { usePanels } from '../../app/panels';
import { useCatalog } from '../../data/catalog';
import type { Hit } from '../../transport/contract';
import { call } from '../../transport/transport';
import { asIds } from '../fields/values';
import { initials } from '../initials';
import { Keys } from '../Keys';

const SHOWN = 20;

export function Palette() {
  const open = usePanels((state) => state.palette);
  const setPalette = usePanels((state) => state.setPalette);
  const { t } = useTranslation();
  return (
    <Modal
      open={open}
      onCancel={() => setPalette(false)}
      footer={null}
      closable={false}
      width={640}
      destroyOnHidden
      transitionName=""
      maskTransitionName=""
      className="palette-dialog"
      style={{ top: 72 }}
      title={t('places.palette.title')}
    >
      <PaletteBody onClose={() => setPalette(false)} />
    </Modal>
  );
}

function PaletteBody({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const actions = useActions();
  const [text, setText] = useState('');
  const typed = text.trim();
  const search = useQuery({
    queryKey: ['search', typed],
    queryFn: () => call('search', { text: typed, limit: SHOWN }),
    enabled: typed !== '',
    placeholderData: keepPreviousData,
    meta: { entities: ['customer', 'contact', 'opportunity', 'interaction'] },
  });
  const hits = typed ? (search.data?.hits ?? []) : [];
  const recent = useRecent(typed === '');
  const fitting = useMemo(() => matchingActions(actions, typed), [actions, typed]);
  const pick = (run: () => void) => () => {
    onClose();
    run();
  };
  const actionItems = (group: Action['group']) =>
    fitting
      .filter((action) => action.group === group)
      .map((action) => (
        <Command.Item
          key={action.id}
          value={`action ${action.id}`}
          onSelect={pick(action.run)}
          data-testid={`palette-${action.id}`}
        >
          <span className="palette-title">{action.label}</span>
          {action.keys[0] ? <Keys keys={action.keys[0]} /> : null}
        </Command.Item>
      ));

  return (
    <Command
      shouldFilter={false}
      loop
      label={t('places.palette.title')}
      className="palette"
      data-testid="palette"
    >
      <Command.Input
        autoFocus
        value={text}
        onValueChange={setText}
        placeholder={t('places.palette.placeholder')}
        data-testid="palette-input"
      />
      <Command.List>
        {typed && !hits.length && !fitting.length && search.isFetched ? (
          <Command.Empty>{t('places.palette.nothing', { text: typed })}</Command.Empty>
        ) : null}
        {hits.length ? (
          <Command.Group heading={t('places.palette.records')}>
            {hits.map((hit) => (
              <Command.Item
                key={hit.id}
                value={`hit ${hit.id}`}
                onSelect={pick(() => openRecord(hit.entity, hit.id))}
                data-testid="palette-hit"
              >
                <span className="palette-kind">
                  {catalog.has(hit.entity) ? catalog.entityLabel(hit.entity) : hit.entity}
                </span>
                <span className="palette-title">
                  <Marked text={hit.title} hit={hit} />
                </span>
                <span className="palette-detail">{hit.subtitle}</span>
              </Command.Item>
            ))}
          </Command.Group>
        ) : null}
        {recent.length ? (
          <Command.Group heading={t('places.palette.recent')}>
            {recent.map((one) => (
              <Command.Item
                key={one.id}
                value={`recent ${one.id}`}
                onSelect={pick(() => openRecord(one.entity, one.id))}
              >
                <span className="palette-kind">{catalog.entityLabel(one.entity)}</span>
                <span className="palette-title">{one.title}</span>
              </Command.Item>
            ))}
          </Command.Group>
        ) : null}
        {fitting.some((action) => action.group === 'actions') ? (
          <Command.Group heading={t('places.palette.actions')}>{actionItems('actions')}</Command.Group>
        ) : null}
        {fitting.some((action) => action.group === 'goTo') ? (
          <Command.Group heading={t('places.palette.goTo')}>{actionItems('goTo')}</Command.Group>
        ) : null}
      </Command.List>
      <div className="palette-foot">
        <span>{t('places.palette.hint')}</span>
        {search.data && typed && search.data.total > hits.length ? (
          <span>{t('places.palette.total', { count: search.data.total, shown: hits.length })}</span>
        ) : null}
      </div>
    </Command>
  );
}

/** Records opened lately that are still there, with their names. */
function useRecent(wanted: boolean) {
  const catalog = useCatalog();
  const list = useMemo(
    () =>
      wanted
        ? recentRecords()
            .filter((one) => catalog.has(one.entity))
            .slice(0, 6)
        : [],
    [wanted, catalog],
  );
  const found = useQueries({
    queries: list.map(({ entity, id }) => ({
      queryKey: ['record', entity, id],
      queryFn: () => call('get', { entity, id }),
      meta: { entities: [entity], record: id },
    })),
  });
  const alive = found.flatMap(({ data }) => (data && data.deleted_at === null ? [data] : []));
  // What hangs below a deleted customer went with it.
  const above = [...new Set(alive.flatMap(({ fields }) => asIds(fields.customer)))];
  const customers = useQueries({
    queries: above.map((id) => ({
      queryKey: ['record', 'customer', id],
      queryFn: () => call('get', { entity: 'customer', id }),
      meta: { entities: ['customer'], record: id },
    })),
  });
  const gone = new Set(customers.flatMap(({ data }) => (data && data.deleted_at !== null ? [data.id] : [])));
  return alive.filter(({ fields }) => !asIds(fields.customer).some((id) => gone.has(id)));
}

/** Actions that hold every typed word in their label, in its initials by sound, or in words beside it. */
export function matchingActions(actions: Action[], typed: string): Action[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return actions.filter(({ label, words: more, quiet }) => {
    if (!words.length) return !quiet;
    const text = `${label} ${initials(label)} ${more ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The title with the matched part marked. */
function Marked({ text, hit }: { text: string; hit: Hit }) {
  const at = hit.matched ? text.toLowerCase().indexOf(hit.matched.toLowerCase()) : -1;
  if (at < 0) return <>{text}</>;
  const end = at + hit.matched.length;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, end)}</mark>
      {text.slice(end)}
    </>
  );
}
