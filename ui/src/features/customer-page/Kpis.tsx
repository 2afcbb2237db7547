/** The strip of figures below the name. */
import { useTranslation } from 'react-i18next';
import { HOME_CURRENCY, showMoney } from '../../components/fields/amounts';
import { useCatalog } from '../../data/catalog';
import type { TFunction } from '../../i18n';
import type { CustomerPage } from '../../transport/contract';
import { daysUntil, dueWords } from '../reminders/due';

/** 今天, 昨天, 12 天前. */
export function agoWords(at: number | null, now: number, t: TFunction): string {
  if (at === null) return t('customerPage.kpi.never');
  const days = -daysUntil(at, now);
  if (days <= 0) return t('customerPage.kpi.today');
  if (days === 1) return t('customerPage.kpi.yesterday');
  return t('customerPage.kpi.daysAgo', { count: days });
}

/** Customers that nobody spoke to for so long deserve a colour. */
const SILENT_DAYS = 30;

export function Kpis({ page }: { page: CustomerPage }) {
  const { t, i18n } = useTranslation();
  const catalog = useCatalog();
  const now = Date.now();
  const open = page.opportunities.filter(
    (deal) => catalog.stage(String(deal.fields.stage))?.outcome === 'open',
  ).length;
  const last = page.last_interaction_at;
  const silent = last !== null && -daysUntil(last, now) > SILENT_DAYS;
  const next = page.reminders[0];
  const due = next ? Number(next.fields.due_at) : null;
  const figure = (key: string, label: string, value: string, tone = '') => (
    <div className="kpi" data-testid={`kpi-${key}`}>
      <dt>{label}</dt>
      <dd className={`numeric ${tone}`}>{value}</dd>
    </div>
  );
  return (
    <dl className="kpis">
      {figure(
        'open-amount',
        t('customerPage.kpi.openAmount'),
        showMoney([page.open_amount, HOME_CURRENCY], i18n.language),
      )}
      {figure(
        'deals',
        t('customerPage.kpi.deals'),
        t('customerPage.kpi.dealsOpen', { open, all: page.opportunities.length }),
      )}
      {figure('visits', t('customerPage.kpi.visits'), page.interaction_count.toLocaleString(i18n.language))}
      {figure(
        'last-contact',
        t('customerPage.kpi.lastContact'),
        agoWords(last, now, t),
        silent ? 'late' : '',
      )}
      {figure(
        'next-reminder',
        t('customerPage.kpi.nextReminder'),
        due === null ? t('customerPage.kpi.noReminder') : dueWords(due, now),
        due === null ? 'faint' : due < now ? 'late' : '',
      )}
    </dl>
  );
}
