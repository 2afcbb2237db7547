/** What is done with a reminder, from whichever place: each deed tells what it did and offers to undo it. */
import { createRecord } from '../../app/create';
import { openRecord } from '../../app/open';
import { asIds } from '../../components/fields/values';
import { offerUndo, tried } from '../../data/writes';
import { i18n } from '../../i18n';
import type { RecordView, Titles } from '../../transport/contract';
import { call } from '../../transport/transport';
import { type LogRequest, logInteraction } from '../interactions/panel';

/** What a deed needs to know of a reminder. */
export interface ReminderLike {
  id: string;
  title: string;
}

export type Snooze = 'tenMinutes' | 'oneHour' | 'tomorrow' | 'nextWorkday';

/** The core counts the days and knows the holidays. */
const UNTIL: Record<Snooze, string> = {
  tenMinutes: 'minutes:10',
  oneHour: 'hours:1',
  tomorrow: 'tomorrow',
  nextWorkday: 'next_workday',
};
export const SNOOZES = Object.keys(UNTIL) as Snooze[];

export async function completeReminder({ id, title }: ReminderLike): Promise<boolean> {
  const saved = await tried(call('complete_reminder', { id }));
  if (saved) offerUndo(saved, i18n.t('reminders.toast.done', { title }));
  return saved !== null;
}

export async function snoozeReminder({ id, title }: ReminderLike, snooze: Snooze): Promise<boolean> {
  const saved = await tried(call('snooze_reminder', { id, until: UNTIL[snooze] }));
  if (saved) {
    const when = i18n.t(`reminders.snoozeUntil.${snooze}`);
    offerUndo(saved, i18n.t('reminders.toast.snoozed', { title, when }));
  }
  return saved !== null;
}

export async function reopenReminder({ id, title }: ReminderLike): Promise<void> {
  const saved = await tried(call('update', { entity: 'reminder', id, fields: { done_at: null } }));
  if (saved) offerUndo(saved, i18n.t('reminders.toast.reopened', { title }));
}

/** What the form of an interaction begins with when it answers a reminder. */
export function answerTo(reminder: RecordView, titles: Titles): LogRequest {
  const { customer, opportunity, contact } = reminder.fields;
  return {
    customer: asIds(customer)[0],
    opportunity: asIds(opportunity)[0],
    contacts: asIds(contact),
    titles: { ...titles, ...reminder.titles },
    answers: { id: reminder.id, title: reminder.title },
  };
}

/** Opens the form whose saving completes the reminder; nothing is done before. */
export const completeAndLog = (reminder: RecordView, titles: Titles): void =>
  logInteraction(answerTo(reminder, titles));

/** A reminder opens where its work is done: at its customer, else as a form. */
export function openReminder(reminder: RecordView): void {
  const customer = asIds(reminder.fields.customer)[0];
  if (customer) openRecord('customer', customer);
  else openRecord('reminder', reminder.id);
}

/** A new reminder about these records; its date is typed in words. */
export const addReminder = (about: Record<string, string>, titles: Titles): void =>
  createRecord('reminder', { preset: about, titles });
