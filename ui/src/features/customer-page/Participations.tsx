/**
 * 决策链: who plays which part in an opportunity and how they stand to it (R21); from a contact's side, where
 * that person plays a part.
 */
import { CloseOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { Chip } from '../../components/fields/Chip';
import { ReferencePicker } from '../../components/fields/ReferencePicker';
import { asIds, nameOf } from '../../components/fields/values';
import { useCatalog } from '../../data/catalog';
import { offerUndo, tried, updateRecord } from '../../data/writes';
import type { JsonValue, RecordView, Titles } from '../../transport/contract';
import { call } from '../../transport/transport';
import { UnsyncedDot, UnsyncedOf } from '../sync/Unsynced';
import { useReadOnly } from './read-only';

interface Part {
  id: string;
  contact: string | null;
  customer: string | null;
  opportunity: string | null;
  role: string | null;
  attitude: string | null;
  name: string;
}

const COLUMNS = ['contact', 'customer', 'opportunity', 'role', 'attitude', 'stub'] as const;
/** Nobody's buying centre is larger. */
const MOST = 100;
/** The shipped option 决策人 is the first of its list. */
const ROLES = 'participation.role';
const ATTITUDES = 'participation.attitude';

function useParts(record: RecordView) {
  return useQuery({
    queryKey: ['participations', record.id],
    queryFn: async () => {
      const { view, window } = await call('view_open', {
        entity: 'participation',
        columns: [...COLUMNS],
        filter: { field: { field: record.entity, test: 'is', value: record.id } },
        limit: MOST,
      });
      void call('view_close', { view }).catch(() => undefined);
      const text = (value: JsonValue | undefined) => (typeof value === 'string' ? value : null);
      const parts = window.rows.map(({ id, cells }): Part => {
        const [contact, customer, opportunity, role, attitude, stub] = cells.map(text);
        return {
          id,
          contact: contact ?? null,
          customer: customer ?? null,
          opportunity: opportunity ?? null,
          role: role ?? null,
          attitude: attitude ?? null,
          name: (contact && window.titles[contact]) || stub || '',
        };
      });
      return { parts, titles: window.titles };
    },
    meta: { entities: ['participation', 'contact'] },
  });
}

export function Participations({ record }: { record: RecordView }) {
  const answer = useParts(record);
  if (answer.error) return <ErrorBlock error={answer.error} onRetry={() => void answer.refetch()} />;
  if (!answer.data) return null;
  const { parts, titles } = answer.data;
  return (
    <UnsyncedOf ids={parts.map(({ id }) => id)}>
      {record.entity === 'opportunity' ? (
        <BuyingCentre record={record} parts={parts} />
      ) : (
        <Roles parts={parts.filter((part) => part.opportunity || part.customer)} titles={titles} />
      )}
    </UnsyncedOf>
  );
}

function BuyingCentre({ record, parts }: { record: RecordView; parts: Part[] }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const [adding, setAdding] = useState(0);
  const readOnly = useReadOnly();
  const customer = asIds(record.fields.customer)[0] ?? null;
  const decider = catalog.options(ROLES)[0]?.id;

  const add = async (contact: string) => {
    // The picker is drawn anew, empty, ready for the next person.
    setAdding((n) => n + 1);
    if (parts.some((part) => part.contact === contact)) return;
    const saved = await tried(
      call('add', { entity: 'participation', fields: { customer, contact, opportunity: record.id } }),
    );
    if (!saved) return;
    const person = await tried(call('get', { entity: 'contact', id: contact }));
    offerUndo(saved, t('customerPage.record.personAdded', { name: person?.title ?? '' }));
  };
  const remove = async (part: Part) => {
    const saved = await tried(call('remove', { entity: 'participation', ids: [part.id] }));
    if (saved) offerUndo(saved, t('customerPage.record.personRemoved', { name: part.name }));
  };
  const choice = (part: Part, key: 'role' | 'attitude', list: string) => (
    <Select
      size="small"
      allowClear
      value={part[key]}
      disabled={readOnly}
      className="part-choice"
      placeholder={t(`customerPage.record.${key}`)}
      aria-label={`${t(`customerPage.record.${key}`)}: ${part.name}`}
      data-testid={`part-${key}`}
      options={catalog
        .options(list)
        .filter((option) => !option.archived || option.id === part[key])
        .map((option) => ({ value: option.id, label: catalog.name(option), color: option.color }))}
      optionRender={({ data }) => <Chip text={String(data.label)} color={data.color} />}
      labelRender={({ label, value }) => (
        <Chip text={String(label)} color={catalog.option(String(value))?.color ?? ''} />
      )}
      onChange={(value) =>
        void tried(updateRecord('participation', part.id, { [key]: value ?? null }, part.name))
      }
    />
  );

  return (
    <div className="parts" data-testid="parts">
      {decider && !parts.some((part) => part.role === decider) ? (
        <p className="parts-gap" role="note" data-testid="no-decider">
          {t('customerPage.record.noDecider')}
        </p>
      ) : null}
      {parts.length ? (
        <ul>
          {parts.map((part) => (
            <li key={part.id} className="part" data-testid="part">
              <button
                type="button"
                className="record-link"
                onClick={() => part.contact && openRecord('contact', part.contact)}
              >
                {part.name}
              </button>
              <UnsyncedDot id={part.id} />
              {choice(part, 'role', ROLES)}
              {choice(part, 'attitude', ATTITUDES)}
              <Button
                type="text"
                size="small"
                icon={<CloseOutlined />}
                aria-label={t('customerPage.record.removePerson', { name: part.name })}
                disabled={readOnly}
                onClick={() => void remove(part)}
              />
            </li>
          ))}
        </ul>
      ) : (
        <p className="block-none">{t('customerPage.record.noPeople')}</p>
      )}
      {readOnly ? null : (
        <div className="part-add">
          <span>{t('customerPage.record.addPerson')}</span>
          <ReferencePicker
            key={adding}
            target="contact"
            value={null}
            aria-label={t('customerPage.record.addPerson')}
            context={{ customer }}
            data-testid="part-add"
            onChange={(value) => {
              const chosen = asIds(value)[0];
              if (chosen) void add(chosen);
            }}
          />
        </div>
      )}
    </div>
  );
}

function Roles({ parts, titles }: { parts: Part[]; titles: Titles }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const chip = (id: string | null) => {
    const option = id ? catalog.option(id) : undefined;
    return option ? <Chip text={catalog.name(option)} color={option.color} /> : null;
  };
  if (!parts.length) return <p className="block-none">{t('customerPage.record.noRoles')}</p>;
  return (
    <ul className="parts" data-testid="parts">
      {parts.map((part) => {
        const [entity, id] = part.opportunity
          ? (['opportunity', part.opportunity] as const)
          : (['customer', part.customer ?? ''] as const);
        return (
          <li key={part.id} className="part" data-testid="part">
            <button type="button" className="record-link" onClick={() => openRecord(entity, id)}>
              {nameOf(id, { catalog, titles })}
            </button>
            <UnsyncedDot id={part.id} />
            {chip(part.role)}
            {chip(part.attitude)}
          </li>
        );
      })}
    </ul>
  );
}
