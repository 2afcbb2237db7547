/** Decisions among what waits or was refused: a card is told by what it is about, not by its fields. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Names } from '../../components/fields/values';
import { useMe } from '../../data/sync';
import type { TFunction } from '../../i18n';
import type { ConflictCard, FieldChange } from '../../transport/contract';
import { call } from '../../transport/transport';
import { decisionWords, labelOf, peopleOf } from '../conflicts/words';

/** The entity of cards, whose only edits are decisions. */
export const CARD = 'conflict';

export interface Deciding {
  card(id: string): ConflictCard | undefined;
  isMe(id: string | null): boolean;
}

/** The cards that the decisions are about; asked for only where there are decisions. */
export function useDeciding(wanted: boolean): Deciding {
  const isMe = useMe();
  const { data } = useQuery({
    queryKey: ['conflicts', true],
    queryFn: () => call('conflicts', { settled: true }),
    enabled: wanted,
    meta: { sync: true, entities: [CARD] },
  });
  return useMemo(() => {
    const cards = new Map(data?.cards.map((card) => [card.id, card]));
    return { card: (id) => cards.get(id), isMe };
  }, [data, isMe]);
}

/** 对商机「二期」金额的决定：用了我的. */
export function cardWords(
  { record, fields }: { record: string; fields: FieldChange[] },
  { card: find, isMe }: Deciding,
  names: Names,
  t: TFunction,
): string {
  const card = find(record);
  if (!card) return t('sync.outbox.decidedSomething');
  const state = String(fields.find(({ field }) => field === 'state')?.new ?? card.state);
  const about = {
    entity: names.catalog.has(card.entity) ? names.catalog.entityLabel(card.entity) : card.entity,
    title: card.title || t('common.unnamed'),
    choice:
      state === 'open'
        ? t('sync.outbox.reopened')
        : decisionWords(card, state, peopleOf(card, names, isMe, t), t),
  };
  const what = card.fields.map(({ field }) => labelOf(card, field, names)).join(t('common.separator'));
  return what ? t('sync.outbox.decided', { ...about, fields: what }) : t('sync.outbox.decidedWhole', about);
}
