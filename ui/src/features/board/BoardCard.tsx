/** One opportunity on the board: whose, how much, when, how long it has stood here, and what comes next (R18). */
import { BellOutlined, WarningFilled } from '@ant-design/icons';
import { type KeyboardEvent, memo } from 'react';
import { useTranslation } from 'react-i18next';
import { isMoney, showMoneyShort } from '../../components/fields/amounts';
import { isComposing } from '../../components/keys';
import type { BoardCard as Card } from '../../transport/contract';
import { addReminder } from '../reminders/deeds';
import { dueWords } from '../reminders/due';
import { UnsyncedDot } from '../sync/Unsynced';
import { isPast, shortDate } from './dates';
import { useDragCard } from './drag';

export interface CardProps {
  card: Card;
  customer: string;
  column: string;
  outcome: string;
  /** Reached by Tab; the others by the arrow keys. */
  isStop: boolean;
  onOpen(id: string): void;
  onFocus(id: string): void;
  onArrow(id: string, key: string): void;
}

/** Days in one stage after which a deal begins to go off, and has gone off. */
const STALE = 14;
const ROTTEN = 30;

export const freshness = (days: number): '' | 'stale' | 'rotten' =>
  days >= ROTTEN ? 'rotten' : days >= STALE ? 'stale' : '';

export const DraggableCard = memo(function DraggableCard(props: CardProps) {
  const { card, customer, column, outcome, isStop, onOpen, onFocus, onArrow } = props;
  const { t } = useTranslation();
  const { id } = card.record;
  const drag = useDragCard(id, column, t('board.drag.card'));

  const keyDown = (event: KeyboardEvent) => {
    // While the card is lifted, all keys are the drag's.
    if (isComposing(event) || drag.isDragging) return;
    if (event.key === 'Enter') onOpen(id);
    else if (['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) {
      onArrow(id, event.key);
    } else {
      drag.lift(event);
      return;
    }
    event.preventDefault();
  };

  return (
    <li className="board-slot">
      <div
        {...drag.props}
        role="button"
        tabIndex={isStop ? 0 : -1}
        className={`board-card${drag.isDragging ? ' lifted' : ''}`}
        data-testid="board-card"
        data-card={id}
        onKeyDown={keyDown}
        onFocus={() => onFocus(id)}
        onClick={() => onOpen(id)}
      >
        <CardFace card={card} customer={customer} outcome={outcome} />
      </div>
      {outcome === 'open' && card.next_reminder_at === null ? (
        <button
          type="button"
          className="board-warning"
          // Tab goes on from the card to what it lacks.
          tabIndex={isStop ? 0 : -1}
          title={t('board.card.noReminder')}
          aria-label={t('board.card.addReminder', { title: card.record.title })}
          data-testid="board-no-reminder"
          onClick={() => {
            const { customer: of } = card.record.fields;
            addReminder(
              { opportunity: id, ...(typeof of === 'string' ? { customer: of } : {}) },
              { [id]: card.record.title, ...(typeof of === 'string' ? { [of]: customer } : {}) },
            );
          }}
        >
          <WarningFilled />
        </button>
      ) : null}
    </li>
  );
});

/** What a card shows, also while it is on its way. */
export function CardFace({ card, customer, outcome }: Pick<CardProps, 'card' | 'customer' | 'outcome'>) {
  const { t, i18n } = useTranslation();
  const { amount, expected_close: close } = card.record.fields;
  const open = outcome === 'open';
  const late = open && typeof close === 'string' && isPast(close);
  const days = card.days_in_stage;
  const next = card.next_reminder_at;
  return (
    <>
      <span className={`board-card-title${open && next === null ? ' warned' : ''}`}>
        {card.record.title}
        <UnsyncedDot id={card.record.id} />
      </span>
      <span className="board-card-customer">{customer}</span>
      <span className="board-card-line numeric">
        <b>{isMoney(amount) ? showMoneyShort(amount, i18n.language) : ''}</b>
        {open && next !== null ? (
          <span
            className={`board-card-bell${next < Date.now() ? ' late' : ''}`}
            title={t('board.card.reminder', { when: dueWords(next) })}
          >
            <BellOutlined aria-label={t('board.card.reminder', { when: dueWords(next) })} />
          </span>
        ) : null}
      </span>
      <span className="board-card-line numeric">
        {typeof close === 'string' ? (
          <span
            className={late ? 'late' : ''}
            title={t(late ? 'board.card.overdue' : 'board.card.closes', { date: close })}
          >
            {shortDate(close)}
          </span>
        ) : (
          <span />
        )}
        {open ? (
          <span className={`board-card-days ${freshness(days)}`}>
            {days === 0 ? t('board.card.today') : t('board.card.days', { count: days })}
          </span>
        ) : null}
      </span>
    </>
  );
}
