/** One stage: its name, how many, how much, how likely; its cards scroll inside. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { HOME_CURRENCY, showMoney, showMoneyShort } from '../../components/fields/amounts';
import { useCatalog } from '../../data/catalog';
import type { BoardColumn as Column, Titles } from '../../transport/contract';
import { type CardProps, DraggableCard } from './BoardCard';
import { type BoardSearch, stageFilter } from './board-filter';
import { useDropColumn } from './drag';

interface BoardColumnProps extends Pick<CardProps, 'onOpen' | 'onFocus' | 'onArrow'> {
  column: Column;
  index: number;
  titles: Titles;
  search: BoardSearch;
  /** The card of the board that Tab comes to. */
  stop: string | null;
}

export function BoardColumn({ column, index, titles, search, stop, ...acts }: BoardColumnProps) {
  const { t, i18n } = useTranslation();
  const catalog = useCatalog();
  const drop = useDropColumn(column.stage);
  const name = catalog.name(column);
  const more = column.count - column.cards.length;
  const percent = column.probability;
  return (
    <section
      ref={drop.ref}
      className={`board-column board-${column.outcome}${drop.isOver ? ' over' : ''}`}
      aria-label={t('board.column', { stage: name, count: column.count })}
      data-testid={`board-column-${index}`}
      data-stage={column.stage}
    >
      <header>
        <h2>
          {name} <small className="numeric">{column.count.toLocaleString(i18n.language)}</small>
        </h2>
        <p
          className="numeric"
          data-testid="board-sum"
          title={showMoney([column.sum, HOME_CURRENCY], i18n.language)}
        >
          {showMoneyShort([column.sum, HOME_CURRENCY], i18n.language)}
        </p>
        {column.outcome === 'open' ? (
          <p className="numeric soft" title={t('board.weightedHint', { percent })}>
            {t('board.weighted')} {showMoneyShort([column.weighted, HOME_CURRENCY], i18n.language)}
          </p>
        ) : (
          <p />
        )}
      </header>
      {column.cards.length ? (
        <ul className="board-cards">
          {column.cards.map((card) => (
            <DraggableCard
              key={card.record.id}
              card={card}
              customer={titles[String(card.record.fields.customer)] ?? ''}
              column={column.stage}
              outcome={column.outcome}
              isStop={card.record.id === stop}
              {...acts}
            />
          ))}
        </ul>
      ) : (
        <p className="board-none">{t('board.none')}</p>
      )}
      {more > 0 ? (
        <Link
          to="/opportunities"
          search={{ filter: stageFilter(search, column.stage) }}
          className="board-more"
          data-testid="board-more"
        >
          {t('board.more', { count: more })}
        </Link>
      ) : null}
    </section>
  );
}
