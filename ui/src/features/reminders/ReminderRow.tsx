/** One reminder of the list: its box to tick, what it is about, when, and what can be done with it. */
import { CheckOutlined, DeleteOutlined, EditOutlined, UndoOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { editRecord } from '../../app/panels';
import { useNames } from '../../components/fields/FieldView';
import { asIds, nameOf } from '../../components/fields/values';
import { removeRecords } from '../../data/writes';
import type { RecordView, Titles } from '../../transport/contract';
import { UnsyncedDot } from '../sync/Unsynced';
import { completeAndLog, completeReminder, openReminder, reopenReminder } from './deeds';
import { daysUntil, dueWords } from './due';
import { SnoozeMenu } from './SnoozeMenu';

interface ReminderRowProps {
  reminder: RecordView;
  titles: Titles;
  now: number;
  chosen: boolean;
  /** The day stands above the row. */
  timeOnly: boolean;
  /** Whether the menu of 稍后 is open. */
  snoozing: boolean;
  onChoose(): void;
  onSnoozing(open: boolean): void;
}

export function ReminderRow({
  reminder,
  titles,
  now,
  chosen,
  timeOnly,
  snoozing,
  onChoose,
  onSnoozing,
}: ReminderRowProps) {
  const { t } = useTranslation();
  const names = useNames(titles);
  const { fields } = reminder;
  const due = Number(fields.due_at);
  const done = typeof fields.done_at === 'number' ? fields.done_at : null;
  const late = done === null && due < now;
  const daysLate = late ? -daysUntil(due, now) : 0;
  const words = (at: number) => (timeOnly ? dayjs(at).format('HH:mm') : dueWords(at, now));
  const about = ['customer', 'contact', 'opportunity'].flatMap((entity) => {
    const id = asIds(fields[entity])[0];
    return id ? [{ entity, id, name: nameOf(id, names) }] : [];
  });
  return (
    <li
      className={`reminder-row${chosen ? ' chosen' : ''}${done !== null ? ' is-done' : ''}`}
      data-testid="reminder-row"
      data-id={reminder.id}
      onFocus={onChoose}
    >
      <Tooltip title={t(done === null ? 'reminders.done' : 'reminders.reopen')}>
        <button
          type="button"
          className="reminder-tick"
          aria-label={`${t(done === null ? 'reminders.done' : 'reminders.reopen')}: ${reminder.title}`}
          data-testid="reminder-done"
          onClick={() => void (done === null ? completeReminder(reminder) : reopenReminder(reminder))}
        >
          <CheckOutlined />
        </button>
      </Tooltip>
      <div className="reminder-what">
        <button
          type="button"
          className="reminder-title"
          data-reminder={reminder.id}
          data-testid="reminder-open"
          onClick={() => openReminder(reminder)}
        >
          {reminder.title}
        </button>
        <UnsyncedDot id={reminder.id} />
        <div className="reminder-about">
          {about.map((one) => (
            <button key={one.id} type="button" tabIndex={-1} onClick={() => openRecord(one.entity, one.id)}>
              {one.name}
            </button>
          ))}
          {typeof fields.note === 'string' ? <span className="reminder-note">{fields.note}</span> : null}
        </div>
      </div>
      <div className="reminder-deeds">
        {done === null ? (
          <>
            <Button
              size="small"
              data-testid="reminder-done-and-log"
              onClick={() => completeAndLog(reminder, titles)}
            >
              {t('reminders.doneAndLog')}
            </Button>
            <SnoozeMenu reminder={reminder} open={snoozing} onOpen={onSnoozing} />
          </>
        ) : (
          <Button size="small" icon={<UndoOutlined />} onClick={() => void reopenReminder(reminder)}>
            {t('reminders.reopen')}
          </Button>
        )}
        <Button
          size="small"
          type="text"
          icon={<EditOutlined />}
          aria-label={`${t('reminders.edit')}: ${reminder.title}`}
          data-testid="reminder-edit"
          onClick={() => editRecord('reminder', reminder.id)}
        />
        <Button
          size="small"
          type="text"
          icon={<DeleteOutlined />}
          aria-label={`${t('reminders.remove')}: ${reminder.title}`}
          onClick={() => void removeRecords('reminder', [reminder.id])}
        />
      </div>
      <div className={`reminder-due numeric${late ? ' late' : ''}`}>
        <span>{done === null ? words(due) : t('reminders.due.doneAt', { when: words(done) })}</span>
        {daysLate > 0 ? <small>{t('reminders.due.overdueDays', { count: daysLate })}</small> : null}
      </div>
    </li>
  );
}
