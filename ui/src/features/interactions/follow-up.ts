/** Days that a next follow-up is often set to. The core reads the words, so that holidays are known to one. */
import { call } from '../../transport/transport';

export type FollowUpChoice = 'tomorrow' | 'inThreeDays' | 'nextWeek' | 'nextWorkday';

export const FOLLOW_UP_CHOICES: FollowUpChoice[] = ['tomorrow', 'inThreeDays', 'nextWeek', 'nextWorkday'];

const WORDS: Record<Exclude<FollowUpChoice, 'nextWorkday'>, string> = {
  tomorrow: '+1d',
  inThreeDays: '+3d',
  nextWeek: '下周一',
};

/** No run of holidays is longer. */
const LONGEST_REST = 15;

/** The moment a choice means: 9:00 of its day. */
export async function followUpAt(choice: FollowUpChoice): Promise<number> {
  if (choice !== 'nextWorkday') return (await call('parse_when', { text: WORDS[choice] })).instant;
  for (let ahead = 1; ahead < LONGEST_REST; ahead += 1) {
    const day = await call('parse_when', { text: `+${ahead}d` });
    if (day.workday) return day.instant;
  }
  return (await call('parse_when', { text: '+1d' })).instant;
}
