/** What is due at this customer, to be done or put off on the spot. */
import { CheckOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { editRecord } from '../../app/panels';
import type { CustomerPage, Titles } from '../../transport/contract';
import { addReminder, completeAndLog, completeReminder } from '../reminders/deeds';
import { dueWords } from '../reminders/due';
import { SnoozeMenu } from '../reminders/SnoozeMenu';
import { UnsyncedDot } from '../sync/Unsynced';
import { Block } from './Block';
import { useReadOnly } from './read-only';

export function OpenReminders({ page, titles }: { page: CustomerPage; titles: Titles }) {
  const { t } = useTranslation();
  const { customer, reminders } = page;
  const now = Date.now();
  const readOnly = useReadOnly();
  return (
    <Block
      title={t('customerPage.reminders.title')}
      count={reminders.length}
      addLabel={t('customerPage.addReminder')}
      none={t('customerPage.reminders.none')}
      testid="open-reminders"
      onAdd={() => addReminder({ customer: customer.id }, { [customer.id]: customer.title })}
    >
      <ul>
        {reminders.map((reminder) => {
          const due = Number(reminder.fields.due_at);
          return (
            <li key={reminder.id} className="open-reminder" data-testid="open-reminder">
              <button
                type="button"
                className="reminder-tick"
                disabled={readOnly}
                aria-label={`${t('reminders.done')}: ${reminder.title}`}
                title={t('reminders.done')}
                onClick={() => void completeReminder(reminder)}
              >
                <CheckOutlined />
              </button>
              <div>
                <button
                  type="button"
                  className="record-link"
                  disabled={readOnly}
                  onClick={() => editRecord('reminder', reminder.id)}
                >
                  {reminder.title}
                </button>
                <UnsyncedDot id={reminder.id} />
                <div className={`numeric ${due < now ? 'late' : 'soft'}`}>{dueWords(due, now)}</div>
                {readOnly ? null : (
                  <div className="open-reminder-deeds">
                    <Button size="small" onClick={() => completeAndLog(reminder, titles)}>
                      {t('reminders.doneAndLog')}
                    </Button>
                    <SnoozeMenu reminder={reminder} />
                  </div>
                )}
              </div>
            </li>
          );
        })}
      </ul>
    </Block>
  );
}
