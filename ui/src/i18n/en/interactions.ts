/** Logging what took place, with what comes next. */
import type { TextsLike } from '../zh-CN';

export const interactions: TextsLike['interactions'] = {
  title: 'Log interaction',
  titleOf: 'Log interaction · {{name}}',
  answers: 'Saving completes the reminder "{{title}}"',
  kind: 'Kind',
  time: 'Time',
  customer: 'Customer',
  summary: 'Summary',
  summaryHint: 'What was discussed, what they said',
  people: 'Participants',
  opportunity: 'Opportunity',
  nextStep: 'Next step',
  nextStepHint: 'e.g. send the quote by Friday',
  followUp: 'Next follow-up',
  followUpHint: 'You will be reminded then',
  followUpTitle: 'Remind me to',
  followUpDefault: 'Follow up with {{customer}}',
  when: {
    tomorrow: 'Tomorrow',
    inThreeDays: 'In 3 days',
    nextWeek: 'Next Monday',
    nextWorkday: 'Next workday',
  },
  refused: '{{field}}: {{reason}}',
  save: 'Save',
  saved: 'Interaction logged',
  savedWithFollowUp: 'Interaction logged, reminder {{when}}',
};
