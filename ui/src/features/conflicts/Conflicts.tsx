/** Cards that a person decides: the list at the left, what it is about at the right, two clicks or two keys each (B6). */
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { Button, Checkbox, Segmented } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useShortcuts } from '../../app/shortcuts';
import { EmptyState } from '../../components/feedback/EmptyState';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { useNames } from '../../components/fields/FieldView';
import { useMe } from '../../data/sync';
import type { ConflictCard, Titles } from '../../transport/contract';
import { call } from '../../transport/transport';
import { agoWords } from '../sync/words';
import { CardView } from './CardView';
import { canDecide, kindOf, type Side } from './choices';
import { settle, settleMany } from './deeds';

const NO_TITLES: Titles = {};
/** One sitting's work; the rest follows as these are decided. */
const SHOWN = 300;

export function Conflicts() {
  const { t } = useTranslation();
  const { card: asked } = useSearch({ strict: false }) as { card?: string };
  const [tab, setTab] = useState<'open' | 'settled'>('open');
  const settled = tab === 'settled' || asked !== undefined;
  const answer = useQuery({
    queryKey: ['conflicts', settled],
    queryFn: () => call('conflicts', { settled }),
    meta: { sync: true, entities: ['conflict'] },
  });
  // A card that was asked for is shown where it stands, whether it is decided or not.
  const state = answer.data?.cards.find(({ id }) => id === asked)?.state;
  const [found, setFound] = useState<string>();
  if (asked && state && found !== asked) {
    setFound(asked);
    setTab(state === 'open' ? 'open' : 'settled');
  }
  const decided = tab === 'settled';
  const cards = useMemo(
    () =>
      (answer.data?.cards ?? [])
        .filter((card) => (card.state !== 'open') === decided)
        // One's own come first; within that the order of the answer stays.
        .sort((a, b) => Number(b.mine) - Number(a.mine)),
    [answer.data, decided],
  );
  return (
    <>
      <div className="list-tools">
        <Segmented
          value={tab}
          aria-label={t('conflicts.tabsLabel')}
          options={(['open', 'settled'] as const).map((value) => ({
            value,
            label: <span data-testid={`conflicts-${value}`}>{t(`conflicts.${value}`)}</span>,
          }))}
          onChange={setTab}
        />
        {decided ? <span className="soft">{t('conflicts.settledHint')}</span> : null}
        <span className="topbar-space" />
        {decided ? null : <span className="soft conflicts-keys">{t('conflicts.hint')}</span>}
      </div>
      {answer.error ? (
        <ErrorBlock error={answer.error} onRetry={() => void answer.refetch()} />
      ) : !answer.data ? null : cards.length ? (
        <Cards key={`${tab} ${found}`} cards={cards} titles={answer.data.titles} first={found ?? null} />
      ) : (
        <EmptyState text={t(decided ? 'conflicts.noneSettled' : 'conflicts.none')} />
      )}
    </>
  );
}

function Cards(props: { cards: ConflictCard[]; titles: Titles; first: string | null }) {
  const { cards, titles, first } = props;
  const { t } = useTranslation();
  const names = useNames(titles ?? NO_TITLES);
  const isMe = useMe();
  const [chosen, setChosen] = useState<string | null>(first);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLUListElement>(null);
  /** Where the chosen one stood, so that the next one takes its place when it is decided. */
  const place = useRef(0);
  const shown = cards.slice(0, SHOWN);
  const at = shown.findIndex(({ id }) => id === chosen);
  if (at >= 0) place.current = at;
  const current = shown[at] ?? shown[Math.min(place.current, shown.length - 1)];
  const currentId = current?.id ?? null;
  const open = shown.filter(canDecide);
  const picked = open.filter(({ id }) => marked.has(id));
  /** From where a click with Shift extends. */
  const anchor = useRef<string | null>(null);

  const hadFocus = useRef(false);
  const focus = (id: string) =>
    list.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`)?.focus();
  // The card under the hand was decided: the keyboard goes on with the one that took its place.
  useEffect(() => {
    if (!hadFocus.current || currentId === null || document.activeElement !== document.body) return;
    focus(currentId);
  });

  const step = (by: number) => {
    const from = shown.findIndex(({ id }) => id === currentId);
    const next = shown[Math.min(Math.max(from + by, 0), shown.length - 1)];
    if (!next) return;
    setChosen(next.id);
    focus(next.id);
    return next.id;
  };
  const choose = (side: Side) => {
    if (!current || !canDecide(current)) return;
    // Whether two customers are one is decided in a dialog of its own.
    if (kindOf(current) === 'duplicate' && side === 'yours') {
      document.querySelector<HTMLElement>('[data-testid="conflict-yours"]')?.click();
      return;
    }
    void settle([current.id], side);
  };
  const mark = (id: string) => {
    anchor.current = id;
    setMarked((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  };
  /** Marks all from the one that was marked last to this one. */
  const markTo = (id: string) => {
    const from = shown.findIndex((card) => card.id === anchor.current);
    if (from < 0) return mark(id);
    const to = shown.findIndex((card) => card.id === id);
    const between = shown.slice(Math.min(from, to), Math.max(from, to) + 1).filter(canDecide);
    setMarked((old) => new Set([...old, ...between.map((card) => card.id)]));
  };
  const extend = (by: number) => {
    const next = step(by);
    if (!current || !next) return;
    anchor.current = current.id;
    markTo(next);
  };
  const markAll = (all: boolean) => setMarked(new Set(all ? open.map(({ id }) => id) : []));
  useShortcuts([
    { keys: 'j', inPage: true, run: () => step(1) },
    { keys: 'k', inPage: true, run: () => step(-1) },
    { keys: 'ArrowDown', inPage: true, run: () => step(1) },
    { keys: 'ArrowUp', inPage: true, run: () => step(-1) },
    { keys: 'Shift+ArrowDown', inPage: true, run: () => extend(1) },
    { keys: 'Shift+ArrowUp', inPage: true, run: () => extend(-1) },
    { keys: 'Ctrl+a', inPage: true, run: () => markAll(true) },
    { keys: '1', inPage: true, run: () => choose('yours') },
    { keys: '2', inPage: true, run: () => choose('theirs') },
    {
      keys: 'x',
      inPage: true,
      run: () => {
        if (current && canDecide(current)) mark(current.id);
      },
    },
  ]);
  const many = async (whose: 'mine' | 'others') => {
    const done = new Set(await settleMany(picked, whose, isMe));
    // What was not decided stays marked, to be tried again or looked at.
    setMarked((old) => new Set([...old].filter((id) => !done.has(id))));
  };

  return (
    <>
      {picked.length ? (
        <div className="list-tools conflicts-many" data-testid="conflicts-many">
          <div className="list-selected">
            <span>{t('conflicts.selected', { count: picked.length })}</span>
            <Button onClick={() => void many('mine')} data-testid="conflicts-all-mine">
              {t('conflicts.allMine')}
            </Button>
            <Button onClick={() => void many('others')} data-testid="conflicts-all-others">
              {t('conflicts.allOthers')}
            </Button>
            <Button type="text" onClick={() => markAll(false)}>
              {t('conflicts.clear')}
            </Button>
          </div>
        </div>
      ) : null}
      <div className="conflicts">
        <ul
          ref={list}
          className="conflicts-list"
          aria-label={t('conflicts.list')}
          data-testid="conflicts"
          onFocus={() => {
            hadFocus.current = true;
          }}
        >
          {open.length > 1 ? (
            <li className="conflicts-all">
              <Checkbox
                checked={picked.length === open.length}
                indeterminate={picked.length > 0 && picked.length < open.length}
                onChange={({ target }) => markAll(target.checked)}
                data-testid="conflicts-mark-all"
              >
                {t('conflicts.selectAll', { count: open.length })}
              </Checkbox>
            </li>
          ) : null}
          {shown.map((card) => (
            <li key={card.id} className={card.id === currentId ? 'chosen' : ''}>
              {canDecide(card) ? (
                <Checkbox
                  checked={marked.has(card.id)}
                  aria-label={t('conflicts.select', { title: card.title })}
                  onChange={({ nativeEvent }) =>
                    (nativeEvent as MouseEvent).shiftKey ? markTo(card.id) : mark(card.id)
                  }
                  data-testid="conflict-mark"
                />
              ) : (
                <span className="conflicts-no-mark" />
              )}
              <button
                type="button"
                data-card={card.id}
                data-testid="conflict-row"
                aria-current={card.id === currentId}
                onClick={() => setChosen(card.id)}
                onFocus={() => setChosen(card.id)}
              >
                <b>{card.title || t('common.unnamed')}</b>
                <span className="soft">
                  {t(`conflicts.kinds.${kindOf(card)}`)}
                  {card.customer_name && card.customer_name !== card.title ? ` · ${card.customer_name}` : ''}
                </span>
                <time className="soft numeric">{agoWords(t, card.made_at)}</time>
              </button>
            </li>
          ))}
          {cards.length > shown.length ? (
            <li className="conflicts-more soft">{t('conflicts.more', { count: SHOWN })}</li>
          ) : null}
        </ul>
        {current ? (
          <CardView key={current.id} card={current} names={names} isMe={isMe} onChoose={choose} />
        ) : null}
      </div>
    </>
  );
}
