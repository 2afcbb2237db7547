/** One stage: its name, how many, how much, how likely; its cards scroll inside. */
import { PlusOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { createRecord } from '../../app/create';
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
  // A deal begins in an open stage; a won or lost one has come there.
  const onAdd =
    column.outcome === 'open'
      ? () =>
          createRecord('opportunity', {
            preset: {
              pipeline: catalog.stage(column.stage)?.pipeline ?? null,
              stage: column.stage,
              probability: column.probability,
            },
          })
      : null;
  return (
    <section
      ref={drop.ref}
      className={`board-column board-${column.outcome}${drop.isOver ? ' over' : ''}`}
      aria-label={t('board.column', { stage: name, count: column.count })}
      data-testid={`board-column-${index}`}
      data-stage={column.stage}
    >
      <header>
        <div className="board-head">
          <h2>
            {name} <small className="numeric">{column.count.toLocaleString(i18n.language)}</small>
          </h2>
          {onAdd ? (
            <Button
              type="text"
              size="small"
              icon={<PlusOutlined />}
              aria-label={t('board.addIn', { stage: name })}
              title={t('board.addIn', { stage: name })}
              data-testid="board-add"
              onClick={onAdd}
            />
          ) : null}
        </div>
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
        <div className="board-none">
          <p>{t('board.none')}</p>
          {onAdd ? (
            <Button icon={<PlusOutlined />} onClick={onAdd} data-testid="board-add-first">
              {t('common.newRecord', { entity: catalog.entityLabel('opportunity') })}
            </Button>
          ) : null}
        </div>
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
