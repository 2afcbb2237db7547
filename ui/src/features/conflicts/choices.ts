/** What can be decided about a card, and which side of it is one's own. */
import type { ConflictCard } from '../../transport/contract';

export const KINDS = ['critical', 'deleted', 'revived', 'proposed', 'duplicate'] as const;
export type Kind = (typeof KINDS)[number];
export type Side = 'yours' | 'theirs';

/** A kind that this version does not know is told like two changes of one field. */
export const kindOf = ({ kind }: ConflictCard): Kind => KINDS.find((one) => one === kind) ?? 'critical';

export const canDecide = ({ mine, state }: ConflictCard): boolean => mine && state === 'open';

type IsMe = (id: string | null) => boolean;

/**
 * The side that is one's own: what one changed or deleted, or what one has where somebody else proposes another value.
 * `null` where it is neither, e.g. for a manager between two colleagues, or where more than a side has to be chosen.
 */
export function ownSide(card: ConflictCard, isMe: IsMe): Side | null {
  switch (kindOf(card)) {
    case 'duplicate':
      return null;
    case 'deleted':
      return 'yours';
    case 'revived':
    case 'proposed':
      return 'theirs';
    case 'critical':
      return isMe(card.your_author) ? 'yours' : isMe(card.their_author) ? 'theirs' : null;
  }
}

export const other = (side: Side): Side => (side === 'yours' ? 'theirs' : 'yours');

/** What each of many cards gets when all go to one's own side, or all to the other; the rest has to be looked at. */
export function sorted(
  cards: ConflictCard[],
  whose: 'mine' | 'others',
  isMe: IsMe,
): { yours: string[]; theirs: string[]; left: string[] } {
  const found: Record<Side | 'left', string[]> = { yours: [], theirs: [], left: [] };
  for (const card of cards) {
    const own = ownSide(card, isMe);
    const side = own === null ? 'left' : whose === 'mine' ? own : other(own);
    found[side].push(card.id);
  }
  return found;
}

/** The two customers of a card about a likely duplicate: the one that came, and the one that was there. */
export function twins({ record, fields }: ConflictCard): { mine: string; theirs: string | null } {
  const [field] = fields;
  const id = (value: unknown) => (typeof value === 'string' && value ? value : null);
  return { mine: id(field?.yours) ?? record, theirs: id(field?.theirs) };
}
