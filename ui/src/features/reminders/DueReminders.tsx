/** The cards of due reminders at the corner of the window (R27, B7). */
import { BellOutlined, CloseOutlined } from '@ant-design/icons';
import { useNavigate } from '@tanstack/react-router';
import { Button } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { tried } from '../../data/writes';
import type { DueReminder } from '../../transport/contract';
import { call } from '../../transport/transport';
import { logInteraction } from '../interactions/panel';
import { answerTo, completeReminder, openReminder } from './deeds';
import { dueWords } from './due';
import { followDue, useDueCards } from './due-cards';
import { SnoozeMenu } from './SnoozeMenu';

/** More cards would cover the page; the rest is counted. */
const CARDS = 3;
const MISSED_SHOWN = 4;

async function loadAnd(id: string, then: 'open' | 'log'): Promise<void> {
  const reminder = await tried(call('get', { entity: 'reminder', id }));
  if (!reminder) return;
  if (then === 'open') openReminder(reminder);
  else logInteraction(answerTo(reminder, reminder.titles));
}

export function DueReminders() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { due, missed, drop } = useDueCards();
  const toList = (tab: string) => void navigate({ to: '/reminders', search: { tab } as never });

  const open = useRef<(id: string | null) => void>(() => undefined);
  open.current = (id) => {
    if (id) void loadAnd(id, 'open');
    else toList('overdue');
  };
  useEffect(() => followDue((id) => open.current(id)), []);

  const shown = due.slice(-CARDS).reverse();
  const hidden = due.length - shown.length;
  return (
    <section className="due-cards" aria-label={t('reminders.card.region')} aria-live="assertive">
      {missed.length ? (
        <div className="due-card" data-testid="reminder-missed" role="group">
          <header>
            <BellOutlined aria-hidden />
            <b>{t('reminders.card.missedTitle', { count: missed.length })}</b>
            <CloseButton onClick={() => drop(missed.map(({ id }) => id))} />
          </header>
          <ul>
            {missed.slice(0, MISSED_SHOWN).map((reminder) => (
              <li key={reminder.id}>
                <button type="button" onClick={() => void loadAnd(reminder.id, 'open')}>
                  <span>{reminder.title}</span>
                  <Whose reminder={reminder} />
                </button>
                <Button size="small" onClick={() => void completeReminder(reminder)}>
                  {t('reminders.done')}
                </Button>
              </li>
            ))}
          </ul>
          <div className="due-card-deeds">
            <Button
              size="small"
              type="link"
              data-testid="reminder-missed-all"
              onClick={() => {
                drop(missed.map(({ id }) => id));
                toList('overdue');
              }}
            >
              {t('reminders.card.seeAll')}
            </Button>
          </div>
        </div>
      ) : null}
      {shown.map((reminder) => (
        <DueCard key={reminder.id} reminder={reminder} onDrop={() => drop([reminder.id])} />
      ))}
      {hidden > 0 ? (
        <button type="button" className="due-cards-more" onClick={() => toList('overdue')}>
          {t('reminders.card.moreCards', { count: hidden })}
        </button>
      ) : null}
    </section>
  );
}

function DueCard({ reminder, onDrop }: { reminder: DueReminder; onDrop(): void }) {
  const { t } = useTranslation();
  return (
    <div className="due-card" data-testid="reminder-card" role="group" aria-label={reminder.title}>
      <header>
        <BellOutlined aria-hidden />
        <b>{reminder.title}</b>
        <CloseButton onClick={onDrop} />
      </header>
      <Whose reminder={reminder} />
      <div className="due-card-deeds">
        <Button
          size="small"
          type="primary"
          data-testid="reminder-card-done"
          onClick={() => void completeReminder(reminder)}
        >
          {t('reminders.done')}
        </Button>
        <Button size="small" data-testid="reminder-card-log" onClick={() => void loadAnd(reminder.id, 'log')}>
          {t('reminders.doneAndLog')}
        </Button>
        <SnoozeMenu reminder={reminder} />
        <Button
          size="small"
          type="link"
          data-testid="reminder-card-open"
          onClick={() => {
            onDrop();
            void loadAnd(reminder.id, 'open');
          }}
        >
          {t('reminders.open')}
        </Button>
      </div>
    </div>
  );
}

function Whose({ reminder }: { reminder: DueReminder }) {
  return (
    <small className="due-card-whose">
      <span>{reminder.customer_name}</span>
      <time className="numeric">{dueWords(reminder.due_at)}</time>
    </small>
  );
}

function CloseButton({ onClick }: { onClick(): void }) {
  const { t } = useTranslation();
  return (
    <Button
      size="small"
      type="text"
      icon={<CloseOutlined />}
      aria-label={t('reminders.card.dismiss')}
      onClick={onClick}
    />
  );
}
