import type { TextsLike } from '../zh-CN';

export const transfer: TextsLike['transfer'] = {
  action: 'Transfer…',
  menu: 'Transfer customer…',
  title: 'Transfer {{count, number}} customers',
  title_one: 'Transfer {{count, number}} customer',
  to: 'To',
  choose: 'Choose a colleague',
  pool: 'The pool (a manager assigns)',
  reason: 'Reason (optional)',
  reasonHint: 'Written under each customer as an interaction; the new owner sees it.',
  along: 'What goes along',
  below: '{{entity}} {{count, number}}',
  nothingBelow: 'Only the customer itself.',
  owned:
    '{{count, number}} opportunities and reminders among them get the new owner; stages and history stay.',
  owned_one:
    '{{count, number}} opportunity or reminder among them gets the new owner; stages and history stay.',
  leaves:
    'Afterwards these customers leave your laptop. What you have not synced arrives first; nothing is lost.',
  stays: 'You can still see these customers afterwards.',
  ok: 'Transfer',
  done: 'Transferred {{count, number}} customers to {{name}}',
  done_one: 'Transferred {{count, number}} customer to {{name}}',
  donePool: 'Put {{count, number}} customers into the pool',
  donePool_one: 'Put {{count, number}} customer into the pool',
  merge: {
    action: 'Merge…',
    title: 'Merge two customers',
    text: 'Choose the one that stays. Contacts, opportunities, interactions and reminders of the other move to it; the other goes to the recycle bin, and its number still finds it.',
    keep: 'Keep "{{name}}"',
    differs:
      'Only what differs is listed. The customer that stays keeps what it says; the other fills what is empty, and tags and notes are joined.',
    same: 'The two customers have the same values.',
    ok: 'Merge',
    done: 'Merged into "{{name}}"',
  },
  share: {
    menu: 'Share…',
    title: 'Share "{{name}}"',
    text: 'The colleague gets this customer with its contacts, opportunities and interactions. The server has to be in reach.',
    with: 'With',
    level: 'Right',
    levels: { read: 'Can look', write: 'Can change', none: 'End the share' },
    ok: 'Save',
    done: 'Shared with {{name}}',
    ended: 'The share with {{name}} has ended',
    offline:
      'The server does this at once, and cannot be reached now. Nothing was changed; try again when you are online.',
  },
};
