/** The people of a card and what was decided about it, in words. */
import type { Names } from '../../components/fields/values';
import type { TFunction } from '../../i18n';
import type { ConflictCard } from '../../transport/contract';
import { kindOf, type Side } from './choices';

type IsMe = (id: string | null) => boolean;

/** The people of a card, as whoever looks at it knows them. */
export function peopleOf(card: ConflictCard, names: Names, isMe: IsMe, t: TFunction) {
  const named = (id: string | null, me: string) =>
    isMe(id) ? me : ((id ? names.catalog.nameOf(id) : undefined) ?? t('conflicts.someone'));
  const author = (side: Side) => (side === 'yours' ? card.your_author : card.their_author);
  return {
    /** 用我的, 用周敏的. */
    own: (side: Side) =>
      isMe(author(side)) ? t('conflicts.mine') : t('conflicts.whose', { name: named(author(side), '') }),
    /** 你, 周敏. */
    name: (side: Side) => named(author(side), t('conflicts.me')),
    head: (side: Side) =>
      isMe(author(side)) ? t('conflicts.ofMe') : t('conflicts.of', { name: named(author(side), '') }),
    time: (side: Side) => (side === 'yours' ? card.your_time : card.their_time),
  };
}

/** Why what was decided cannot be taken back here. */
export function lastingWords(
  { decided_by: by, decided_here: here }: ConflictCard,
  names: Names,
  isMe: IsMe,
  t: TFunction,
): string {
  if (here) return t('conflicts.tooOld');
  if (!by) return t('conflicts.tooLate');
  if (isMe(by)) return t('conflicts.decidedByMe');
  return t('conflicts.decidedBy', {
    name: names.catalog.nameOf(by) ?? names.titles[by] ?? t('conflicts.someone'),
  });
}

export type People = ReturnType<typeof peopleOf>;

export const labelOf = (card: ConflictCard, key: string, names: Names): string => {
  const field = names.catalog.has(card.entity) ? names.catalog.field(card.entity, key) : undefined;
  return field ? names.catalog.label(field.label) : key;
};

/** 用了我的, 保持现状: what a decision for one side came to. */
export function decisionWords(card: ConflictCard, state: string, people: People, t: TFunction): string {
  const kind = kindOf(card);
  const side = state === 'yours' || state === 'theirs' ? state : null;
  if (!side) return t('conflicts.states.other');
  return kind === 'critical'
    ? t(`conflicts.states.${side}`, { name: people.own(side) })
    : t(`conflicts.choices.${kind}.${side}`, { name: people.name(side) });
}
