/** One card: what happened in a sentence, what it was, what each side says, and the two ways out. */
import { UndoOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { Chip } from '../../components/fields/Chip';
import { ValueView } from '../../components/fields/FieldView';
import { isEmpty, type Names } from '../../components/fields/values';
import { Keys } from '../../components/Keys';
import { undo } from '../../data/writes';
import type { ConflictCard, ConflictField, JsonValue } from '../../transport/contract';
import { agoWords, fullTime } from '../sync/words';
import { MergeDialog } from '../transfer/MergeDialog';
import { canDecide, kindOf, type Side, twins } from './choices';
import { mergeTwins } from './deeds';
import { decisionWords, labelOf, lastingWords, type People, peopleOf } from './words';

const COLORS = { critical: 'orange', deleted: 'red', revived: 'red', proposed: 'blue', duplicate: 'purple' };

interface CardProps {
  card: ConflictCard;
  names: Names;
  isMe(id: string | null): boolean;
  onChoose(side: Side): void;
}

export function CardView({ card, names, isMe, onChoose }: CardProps) {
  const { t } = useTranslation();
  const kind = kindOf(card);
  const people = peopleOf(card, names, isMe, t);
  const fields = card.fields.map(({ field }) => labelOf(card, field, names)).join(t('common.separator'));
  const entity = names.catalog.has(card.entity) ? names.catalog.entityLabel(card.entity) : card.entity;
  return (
    <article className="conflict" aria-label={t('conflicts.card')} data-testid="conflict" data-kind={kind}>
      <header>
        <Chip text={t(`conflicts.kinds.${kind}`)} color={COLORS[kind]} />
        <h2>
          <button
            type="button"
            className="record-link"
            title={t('conflicts.openRecord', { entity })}
            onClick={() => openRecord(card.entity, card.record)}
            data-testid="conflict-open"
          >
            {card.title || t('common.unnamed')}
          </button>
        </h2>
        <span className="soft">{entity}</span>
        {card.customer && card.customer_name && card.customer !== card.record ? (
          <button
            type="button"
            className="record-link soft"
            onClick={() => openRecord('customer', card.customer ?? '')}
          >
            {card.customer_name}
          </button>
        ) : null}
        <time className="soft numeric" title={fullTime(card.made_at)}>
          {t('conflicts.madeAt', { time: agoWords(t, card.made_at) })}
        </time>
      </header>
      <p className="conflict-what" data-testid="conflict-what">
        {t(`conflicts.what.${kind}`, { fields, name: people.name('yours') })}
      </p>
      {kind === 'duplicate' ? (
        <Twins card={card} names={names} onKeep={() => onChoose('theirs')} />
      ) : kind === 'deleted' || kind === 'revived' ? (
        <Whole card={card} kind={kind} people={people} onChoose={onChoose} />
      ) : (
        <Fields card={card} kind={kind} names={names} people={people} onChoose={onChoose} />
      )}
      <Standing card={card} people={people} lasting={lastingWords(card, names, isMe, t)} />
    </article>
  );
}

/** Who may decide, or what was decided and how to take that back. */
function Standing(props: { card: ConflictCard; people: People; lasting: string }) {
  const { card, people, lasting } = props;
  const { t } = useTranslation();
  if (card.state === 'open') return card.mine ? null : <p className="soft">{t('conflicts.notMine')}</p>;
  const words = decisionWords(card, card.state, people, t);
  const tx = card.settled_by;
  return (
    <div className="conflict-settled">
      <b data-testid="conflict-settled">{words}</b>
      {tx ? (
        <Button icon={<UndoOutlined />} onClick={() => void undo(tx)} data-testid="conflict-undo">
          {t('conflicts.undo')}
        </Button>
      ) : (
        <span className="soft" data-testid="conflict-lasting">
          {lasting}
        </span>
      )}
    </div>
  );
}

function Choice(props: { side: Side; label: string; meaning?: string; danger?: boolean; onClick(): void }) {
  const { side, label, meaning, danger = false, onClick } = props;
  return (
    <div className="conflict-choice">
      <Button danger={danger} onClick={onClick} data-testid={`conflict-${side}`}>
        <span>{label}</span> <Keys keys={side === 'yours' ? '1' : '2'} />
      </Button>
      {meaning ? <p className="soft">{meaning}</p> : null}
    </div>
  );
}

function Fields(props: {
  card: ConflictCard;
  kind: 'critical' | 'proposed';
  names: Names;
  people: People;
  onChoose(side: Side): void;
}) {
  const { card, kind, names, people, onChoose } = props;
  const { t } = useTranslation();
  const head = (side: Side) => {
    const at = people.time(side);
    return (
      <th scope="col">
        <span>{kind === 'proposed' && side === 'theirs' ? t('conflicts.current') : people.head(side)}</span>
        {at === null ? null : (
          <time className="numeric" title={fullTime(at)}>
            {agoWords(t, at)}
          </time>
        )}
      </th>
    );
  };
  return (
    <table className="conflict-fields">
      <thead>
        <tr>
          <td />
          <th scope="col">
            <span>{t('conflicts.base')}</span>
          </th>
          {head('yours')}
          {head('theirs')}
        </tr>
      </thead>
      <tbody>
        {card.fields.map((field) => (
          <FieldRow key={field.field} card={card} field={field} names={names} />
        ))}
      </tbody>
      {canDecide(card) ? (
        <tfoot>
          <tr>
            <td colSpan={2} />
            {(['yours', 'theirs'] as const).map((side) => (
              <td key={side}>
                <Choice
                  side={side}
                  label={t(`conflicts.choices.${kind}.${side}`, {
                    name: kind === 'critical' ? people.own(side) : people.name(side),
                  })}
                  onClick={() => onChoose(side)}
                />
              </td>
            ))}
          </tr>
        </tfoot>
      ) : null}
    </table>
  );
}

const same = (a: JsonValue, b: JsonValue): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

function FieldRow({ card, field, names }: { card: ConflictCard; field: ConflictField; names: Names }) {
  const { t } = useTranslation();
  const def = names.catalog.has(card.entity) ? names.catalog.field(card.entity, field.field) : undefined;
  const value = (of: JsonValue): ReactNode => {
    if (isEmpty(of)) return <em>{t('conflicts.empty')}</em>;
    return def ? <ValueView field={def} value={of} names={names} /> : JSON.stringify(of);
  };
  const side = (of: JsonValue, testid: string) => {
    const current = card.state === 'open' && same(of, field.current);
    return (
      <td className={current ? 'current' : ''} data-testid={testid}>
        <span className="conflict-value">{value(of)}</span>
        {current ? <small>{t('conflicts.provisional')}</small> : null}
      </td>
    );
  };
  return (
    <tr>
      <th scope="row">{labelOf(card, field.field, names)}</th>
      <td className="base" data-testid="conflict-base">
        {value(field.base)}
      </td>
      {side(field.yours, 'conflict-value-yours')}
      {side(field.theirs, 'conflict-value-theirs')}
    </tr>
  );
}

/** About the whole record: it goes, or it stays. */
function Whole(props: {
  card: ConflictCard;
  kind: 'deleted' | 'revived';
  people: People;
  onChoose(side: Side): void;
}) {
  const { card, kind, people, onChoose } = props;
  const { t } = useTranslation();
  // Who edited a record that could not be deleted stands in its history; the card knows who deleted it.
  const told: Side[] = kind === 'deleted' ? ['yours'] : ['theirs', 'yours'];
  const meanings = { yours: `${kind}Yours`, theirs: `${kind}Theirs` } as const;
  return (
    <>
      <ul className="conflict-told">
        {told.map((side) => {
          const at = people.time(side);
          const deed = kind === 'deleted' || side === 'theirs' ? 'deletedBy' : 'changedBy';
          return at === null ? null : (
            <li key={side}>
              {t(`conflicts.${deed}`, { name: people.name(side) })}{' '}
              <time className="soft numeric">{fullTime(at)}</time>
            </li>
          );
        })}
      </ul>
      {canDecide(card) ? (
        <div className="conflict-choices">
          {(['yours', 'theirs'] as const).map((side) => (
            <Choice
              key={side}
              side={side}
              label={t(`conflicts.choices.${kind}.${side}`)}
              meaning={t(`conflicts.meanings.${meanings[side] as 'deletedYours'}`)}
              danger={(kind === 'deleted') === (side === 'yours')}
              onClick={() => onChoose(side)}
            />
          ))}
        </div>
      ) : null}
    </>
  );
}

/** Two customers that may be one. */
function Twins({ card, names, onKeep }: { card: ConflictCard; names: Names; onKeep(): void }) {
  const { t } = useTranslation();
  const [merging, setMerging] = useState(false);
  const { mine, theirs } = twins(card);
  const title = (id: string) => (id === card.record ? card.title : names.titles[id]);
  const known = theirs !== null && names.titles[theirs] !== undefined;
  const customer = (side: 'mine' | 'theirs', id: string) => (
    <div>
      <small className="soft">{t(`conflicts.side.${side}`)}</small>
      <button type="button" className="record-link" onClick={() => openRecord('customer', id)}>
        {title(id) ?? t('common.unnamed')}
      </button>
    </div>
  );
  return (
    <>
      <div className="conflict-twins">
        {customer('mine', mine)}
        {known && theirs ? (
          customer('theirs', theirs)
        ) : (
          <div>
            <small className="soft">{t('conflicts.side.theirs')}</small>
            <b>{t('conflicts.side.hidden')}</b>
          </div>
        )}
      </div>
      {known ? null : <p className="soft">{t('conflicts.side.hiddenHint')}</p>}
      {canDecide(card) ? (
        <div className="conflict-choices">
          {known ? (
            <Choice
              side="yours"
              label={t('conflicts.choices.duplicate.yours')}
              onClick={() => setMerging(true)}
            />
          ) : null}
          <Choice side="theirs" label={t('conflicts.choices.duplicate.theirs')} onClick={onKeep} />
        </div>
      ) : null}
      {merging && theirs ? (
        <MergeDialog
          ids={[theirs, mine]}
          onClose={() => setMerging(false)}
          merge={(kept, gone) => mergeTwins(card.id, theirs, kept, gone)}
        />
      ) : null}
    </>
  );
}
