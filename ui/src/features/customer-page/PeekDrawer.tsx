/** A contact or an opportunity beside the page: its facts, the people around it, its history. */

import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Button, Drawer, Tabs } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { editRecord } from '../../app/panels';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { asIds } from '../../components/fields/values';
import { useCatalog } from '../../data/catalog';
import { removeRecords } from '../../data/writes';
import type { RecordView } from '../../transport/contract';
import { call } from '../../transport/transport';
import { type LogRequest, logInteraction, useLogPanel } from '../interactions/panel';
import { addReminder } from '../reminders/deeds';
import { UnsyncedChip, UnsyncedOf } from '../sync/Unsynced';
import { CustomerDeletedNotice, DeletedNotice } from './DeletedNotice';
import { Facts } from './Facts';
import { Participations } from './Participations';
import { type Peek, readPeek } from './peek';
import { RecordHistory } from './RecordHistory';
import { ReadOnly } from './read-only';
import { StageSteps } from './StageSteps';

export function PeekDrawer() {
  const search = useSearch({ strict: false }) as { peek?: string };
  const peek = readPeek(search.peek);
  useFocusBack(peek !== null);
  return peek ? <OpenPeek key={`${peek.entity} ${peek.id}`} peek={peek} /> : null;
}

/** Whoever closes what lies beside the page is where they opened it from. */
function useFocusBack(open: boolean): void {
  const from = useRef<Element | null>(null);
  // Read before the drawer is drawn, which takes the focus.
  if (open) from.current ??= document.activeElement;
  useEffect(() => {
    if (open) return;
    const back = from.current;
    from.current = null;
    if (back instanceof HTMLElement && back.isConnected && document.activeElement === document.body) {
      back.focus({ preventScroll: true });
    }
  }, [open]);
}

function OpenPeek({ peek }: { peek: Peek }) {
  const { entity, id } = peek;
  const { t } = useTranslation();
  const catalog = useCatalog();
  const navigate = useNavigate();
  const record = useQuery({
    queryKey: ['record', entity, id],
    queryFn: () => call('get', { entity, id }),
    meta: { entities: [entity], record: id },
  });
  const close = () =>
    void navigate({
      to: '.',
      search: ((old: Record<string, unknown>) => ({ ...old, peek: undefined })) as never,
    });
  const data = record.data;
  useInView(data);
  return (
    <Drawer
      open
      size={680}
      // A page beside the page: both can be worked in, and all keys go on working.
      mask={false}
      title={
        data ? (
          <UnsyncedOf ids={[id]}>
            {data.title} <UnsyncedChip id={id} />
          </UnsyncedOf>
        ) : (
          catalog.entityLabel(entity)
        )
      }
      onClose={close}
      data-testid={`${entity}-page`}
      classNames={{ body: 'peek-body' }}
    >
      {record.error ? <ErrorBlock error={record.error} onRetry={() => void record.refetch()} /> : null}
      {data ? (
        <ReadOnly value={data.deleted_at !== null}>
          <DeletedNotice record={data} />
          <CustomerDeletedNotice record={data} />
          <PeekDeeds record={data} onClose={close} />
          {entity === 'opportunity' ? <StageSteps opportunity={data} /> : null}
          <Tabs
            defaultActiveKey="details"
            items={[
              {
                key: 'details',
                label: t('customerPage.record.details'),
                children: (
                  <Facts
                    record={data}
                    titles={data.titles}
                    without={entity === 'opportunity' ? ['stage', 'pipeline'] : []}
                  />
                ),
              },
              {
                key: 'people',
                label: (
                  <span data-testid="peek-people">
                    {t(entity === 'opportunity' ? 'customerPage.record.people' : 'customerPage.record.roles')}
                  </span>
                ),
                children: <Participations record={data} />,
              },
              {
                key: 'history',
                label: <span data-testid="peek-history">{t('customerPage.record.history')}</span>,
                children: <RecordHistory entity={entity} id={id} />,
              },
            ]}
          />
        </ReadOnly>
      ) : null}
    </Drawer>
  );
}

/** What an interaction with this record begins with. */
function aboutRecord({ entity, id, title, fields, titles }: RecordView): LogRequest {
  return {
    customer: asIds(fields.customer)[0],
    titles: { ...titles, [id]: title },
    ...(entity === 'contact' ? { contacts: [id] } : { opportunity: id }),
  };
}

/** L logs an interaction with what lies open here; afterwards with the page's own customer again. */
function useInView(record: RecordView | undefined): void {
  useEffect(() => {
    if (!record || record.deleted_at !== null) return;
    const own = aboutRecord(record);
    const { inView: before, setInView } = useLogPanel.getState();
    setInView(own);
    return () => {
      // Another page may have come meanwhile.
      if (useLogPanel.getState().inView === own) setInView(before);
    };
  }, [record]);
}

function PeekDeeds({ record, onClose }: { record: RecordView; onClose(): void }) {
  const { t } = useTranslation();
  const { entity, id, fields } = record;
  const customer = asIds(fields.customer)[0];
  const titles = { ...record.titles, [id]: record.title };
  const about = { ...(customer ? { customer } : {}), [entity]: id };
  return (
    <div className="peek-deeds">
      {customer ? (
        <button type="button" className="record-link" onClick={() => openRecord('customer', customer)}>
          {titles[customer] ?? t('customerPage.record.ofCustomer')}
        </button>
      ) : null}
      <span className="topbar-space" />
      {record.deleted_at === null ? (
        <>
          <Button
            size="small"
            type="primary"
            data-testid="peek-log"
            onClick={() => logInteraction(aboutRecord(record))}
          >
            {t('customerPage.logInteraction')}
          </Button>
          <Button size="small" onClick={() => addReminder(about, titles)}>
            {t('customerPage.addReminder')}
          </Button>
          <Button size="small" onClick={() => editRecord(entity, id)} data-testid="peek-edit">
            {t('customerPage.record.full')}
          </Button>
          <Button
            size="small"
            danger
            onClick={async () => {
              if (await removeRecords(entity, [id])) onClose();
            }}
          >
            {t('common.delete')}
          </Button>
        </>
      ) : null}
    </div>
  );
}
