/** Opportunities by stage, moved by mouse or keyboard (R18, R19). */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { useCatalog } from '../../data/catalog';
import { queryClient } from '../../data/client';
import { useWindowSetting } from '../../data/status';
import type { Board as BoardAnswer, Filter } from '../../transport/contract';
import { call } from '../../transport/transport';
import { UnsyncedOf } from '../sync/Unsynced';
import { CardFace } from './BoardCard';
import { BoardColumn } from './BoardColumn';
import { BoardTools } from './BoardTools';
import { type BoardSearch, boardFilter } from './board-filter';
import { DragBoard, type DragWords } from './drag';
import { findCard, moveCard } from './moving';
import { moveStage } from './stage-moves';
import { nextCard } from './walking';

/** Cards drawn in one column; the rest is a link to the list. */
const CARDS = 100;
const ENTITIES = ['opportunity', 'reminder', 'customer', 'stage', 'pipeline'] as const;

const boardKey = (pipeline: string, filter: Filter | undefined) => ['board', pipeline, filter ?? null];

export function Board() {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const search = useSearch({ strict: false }) as BoardSearch;
  const navigate = useNavigate();
  const [last, setLast] = useWindowSetting<string | null>('board.pipeline', null);
  const known = (id: string | null | undefined) => catalog.pipelines.find((one) => one.id === id);
  const pipeline = (known(search.pipeline) ?? known(last) ?? catalog.pipelines[0])?.id ?? '';
  const filter = useMemo(() => boardFilter(search), [search]);
  const go = (next: BoardSearch) => void navigate({ to: '/board', search: next as never, replace: true });

  const board = useQuery({
    queryKey: boardKey(pipeline, filter),
    queryFn: () => call('board', { pipeline, cards: CARDS, ...(filter ? { filter } : {}) }),
    placeholderData: keepPreviousData,
    meta: { entities: ENTITIES },
  });

  return (
    <section className="board" data-testid="board" aria-label={t('board.title')}>
      <h1 className="sr-only">{t('board.title')}</h1>
      <BoardTools
        search={search}
        pipeline={pipeline}
        onSearch={(next) => go({ ...next, ...(search.pipeline ? { pipeline: search.pipeline } : {}) })}
        onPipeline={(id) => {
          setLast(id);
          go({ ...search, pipeline: id });
        }}
      />
      {board.error ? <ErrorBlock error={board.error} onRetry={() => void board.refetch()} /> : null}
      {board.data ? (
        <Columns board={board.data} search={search} cacheKey={boardKey(pipeline, filter)} />
      ) : null}
    </section>
  );
}

interface ColumnsProps {
  board: BoardAnswer;
  search: BoardSearch;
  cacheKey: unknown[];
}

function Columns({ board, search, cacheKey }: ColumnsProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const [focused, setFocused] = useState<string | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const latest = useRef(board);
  latest.current = board;

  const focusCard = useCallback((id: string) => {
    const card = frame.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`);
    card?.focus();
    card?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }, []);

  // A card that was moved by keyboard is drawn in another column: the focus follows it.
  const following = useRef<string | null>(null);
  useEffect(() => {
    const id = following.current;
    if (!id || document.querySelector('.ant-modal-wrap')) return;
    if (frame.current?.contains(document.activeElement)) return;
    following.current = null;
    focusCard(id);
  });

  const titleOf = useCallback((id: string) => findCard(latest.current, id)?.record.title ?? '', []);
  const stageName = useCallback((id: string) => catalog.nameOf(id) ?? '', [catalog]);
  const words = useMemo<DragWords>(
    () => ({
      card: t('board.drag.card'),
      hint: t('board.drag.hint'),
      lifted: (title, stage) => t('board.drag.lifted', { title, stage }),
      over: (title, stage) => t('board.drag.over', { title, stage }),
      outside: (title) => t('board.drag.outside', { title }),
      dropped: (title, stage) => t('board.drag.dropped', { title, stage }),
      cancelled: (title) => t('board.drag.cancelled', { title }),
    }),
    [t],
  );

  const drop = (id: string, to: string) => {
    const stage = catalog.stage(to);
    const card = findCard(latest.current, id);
    if (!stage || !card) return;
    following.current = id;
    moveStage({
      id,
      title: card.record.title,
      stage,
      show() {
        const before = queryClient.getQueryData<BoardAnswer>(cacheKey);
        if (!before) return () => undefined;
        queryClient.setQueryData(cacheKey, moveCard(before, id, to));
        return () => void queryClient.setQueryData(cacheKey, before);
      },
      onClosed: () => setTimeout(() => focusCard(id)),
    });
  };

  const onOpen = useCallback((id: string) => openRecord('opportunity', id), []);
  const onFocus = useCallback((id: string) => setFocused(id), []);
  const onArrow = useCallback(
    (id: string, key: string) => {
      const next = nextCard(latest.current, id, key);
      if (next) focusCard(next);
    },
    [focusCard],
  );

  const cards = useMemo(
    () => board.columns.flatMap((column) => column.cards.map(({ record }) => record.id)),
    [board],
  );
  const ids = board.columns.map((column) => column.stage);
  const first = board.columns.find((column) => column.cards.length)?.cards[0]?.record.id ?? null;
  const stop = focused && findCard(board, focused) ? focused : first;
  return (
    <DragBoard
      columns={ids}
      cardName={titleOf}
      columnName={stageName}
      words={words}
      onDrop={(card, _, to) => drop(card, to)}
      overlay={(id) => {
        const card = findCard(board, id);
        return card ? (
          <div className="board-card in-hand">
            <CardFace
              card={card}
              customer={board.titles[String(card.record.fields.customer)] ?? ''}
              outcome={catalog.stage(String(card.record.fields.stage))?.outcome ?? 'open'}
            />
          </div>
        ) : null;
      }}
    >
      <div ref={frame} className="board-columns">
        <UnsyncedOf ids={cards}>
          {board.columns.map((column, index) => (
            <BoardColumn
              key={column.stage}
              column={column}
              index={index}
              titles={board.titles}
              search={search}
              stop={stop}
              onOpen={onOpen}
              onFocus={onFocus}
              onArrow={onArrow}
            />
          ))}
        </UnsyncedOf>
      </div>
    </DragBoard>
  );
}
