/** Everything about one customer on one screen: facts, people, deals, what is due, and what happened (R4). */
import { useNavigate, useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useShortcuts } from '../../app/shortcuts';
import { cameFromList, neighbour } from '../../app/trail';
import { EmptyState } from '../../components/feedback/EmptyState';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { showToast } from '../../components/feedback/toasts';
import { queryClient } from '../../data/client';
import { tried } from '../../data/writes';
import type { CustomerPage as Page } from '../../transport/contract';
import { TransportError } from '../../transport/transport';
import { useLogPanel } from '../interactions/panel';
import { UnsyncedOf } from '../sync/Unsynced';
import { Contacts } from './Contacts';
import { CustomerHead } from './CustomerHead';
import { DeletedNotice } from './DeletedNotice';
import { Facts } from './Facts';
import { HistoryDrawer } from './HistoryDrawer';
import { Kpis } from './Kpis';
import { OpenReminders } from './OpenReminders';
import { Opportunities } from './Opportunities';
import { ReadOnly } from './read-only';
import { Timeline } from './Timeline';
import { customerPageQuery, useCustomerPage } from './use-customer-page';

/** Local data comes sooner than this; a skeleton that flashes by only tires the eye. */
const LATE = 100;

export function CustomerPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t } = useTranslation();
  const navigate = useNavigate();
  const page = useCustomerPage(id);
  const late = useLate(page.isPending);

  const step = async (by: 1 | -1) => {
    if (!cameFromList('customer')) return;
    const next = await tried(neighbour('customer', id, by).then((found) => ({ found })));
    if (!next) return;
    if (!next.found) {
      showToast({ text: t(by > 0 ? 'customerPage.lastOfList' : 'customerPage.firstOfList') });
      return;
    }
    // Its answer is there before the page turns, so that nothing blinks.
    await queryClient.prefetchQuery(customerPageQuery(next.found));
    await navigate({ to: '/customers/$id', params: { id: next.found }, replace: true });
  };
  useShortcuts([
    { keys: 'j', inPage: true, run: () => void step(1) },
    { keys: 'k', inPage: true, run: () => void step(-1) },
  ]);

  if (page.error) {
    const gone = TransportError.from(page.error).code === 'not_found';
    return (
      <section className="customer-page" data-testid="customer-page">
        {gone ? (
          <EmptyState text={t('customerPage.notFound')}>
            <Button onClick={() => void navigate({ to: '/customers' })}>
              {t('customerPage.backToList')}
            </Button>
          </EmptyState>
        ) : (
          <ErrorBlock error={page.error} onRetry={() => void page.refetch()} />
        )}
      </section>
    );
  }
  if (!page.data) return <section className="customer-page">{late ? <Skeleton /> : null}</section>;
  return <Loaded key={id} page={page.data} onStep={(by) => void step(by)} />;
}

function Loaded({ page, onStep }: { page: Page; onStep(by: 1 | -1): void }) {
  const { t } = useTranslation();
  const { customer } = page;
  const [history, setHistory] = useState(false);
  const setInView = useLogPanel((state) => state.setInView);
  const titles = { ...page.titles, ...customer.titles };
  const deleted = customer.deleted_at !== null;
  const shown = useMemo(
    () =>
      [page.customer, ...page.contacts, ...page.opportunities, ...page.reminders, ...page.participations].map(
        ({ id }) => id,
      ),
    [page],
  );

  useEffect(() => {
    if (deleted) return;
    setInView({ customer: customer.id, titles: { [customer.id]: customer.title } });
    return () => setInView(null);
  }, [customer.id, customer.title, deleted, setInView]);

  return (
    <section
      className="customer-page"
      data-testid="customer-page"
      data-id={customer.id}
      aria-label={t('customerPage.label', { name: customer.title })}
    >
      <ReadOnly value={deleted}>
        <UnsyncedOf ids={shown}>
          <CustomerHead
            customer={customer}
            titles={titles}
            onStep={onStep}
            onHistory={() => setHistory(true)}
          />
          <DeletedNotice record={customer} />
          <Kpis page={page} />
          <div className="customer-columns">
            <section className="customer-column customer-facts" aria-label={t('customerPage.facts.title')}>
              <header className="block-title">
                <h2>{t('customerPage.facts.title')}</h2>
              </header>
              <Facts record={customer} titles={titles} />
            </section>
            <div className="customer-column customer-middle">
              <Timeline customer={customer.id} />
            </div>
            <div className="customer-column customer-side">
              <OpenReminders page={page} titles={titles} />
              <Opportunities page={page} titles={titles} />
              <Contacts page={page} titles={titles} />
            </div>
          </div>
        </UnsyncedOf>
        {history ? (
          <HistoryDrawer entity="customer" id={customer.id} onClose={() => setHistory(false)} />
        ) : null}
      </ReadOnly>
    </section>
  );
}

function useLate(waiting: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!waiting) return;
    const timer = setTimeout(() => setLate(true), LATE);
    return () => clearTimeout(timer);
  }, [waiting]);
  return late;
}

function Skeleton() {
  return (
    <div className="customer-skeleton" aria-hidden>
      <i />
      <i />
      <i />
    </div>
  );
}
