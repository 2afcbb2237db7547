/** The reminders page, the cards of reminders that are due. */
import type { TextsLike } from '../zh-CN';

export const reminders: TextsLike['reminders'] = {
  title: 'Reminders',
  tabs: { today: 'Today', overdue: 'Overdue', future: 'Future', done: 'Done' },
  tabsLabel: 'Kinds of reminders',
  add: 'New reminder',
  list: 'Reminders: {{bucket}}',
  hint: 'J / K move　E done　S later　Enter open',
  empty: {
    today: 'Nothing left for today.',
    overdue: 'Nothing is overdue.',
    future: 'Nothing planned for the future.',
    done: 'Nothing done yet.',
  },
  more: 'Only the first {{count, number}} are shown',
  done: 'Done',
  doneAndLog: 'Done, and log it',
  reopen: 'Reopen',
  open: 'Open',
  edit: 'Edit',
  remove: 'Delete',
  snooze: 'Later',
  snoozeUntil: {
    tenMinutes: 'in 10 minutes',
    oneHour: 'in 1 hour',
    tomorrow: 'tomorrow 9:00',
    nextWorkday: 'next workday 9:00',
    other: 'another time…',
  },
  due: {
    today: 'Today {{time}}',
    tomorrow: 'Tomorrow {{time}}',
    yesterday: 'Yesterday {{time}}',
    overdueDays: '{{count, number}} d overdue',
    doneAt: 'Done {{when}}',
  },
  toast: {
    done: 'Done: "{{title}}"',
    snoozed: '"{{title}}" comes back {{when}}',
    reopened: 'Reopened "{{title}}"',
  },
  card: {
    region: 'Reminders that are due',
    missedTitle: 'Missed reminders: {{count, number}}',
    seeAll: 'See all',
    moreCards: 'More due: {{count, number}}',
    dismiss: 'Close this card',
  },
};
