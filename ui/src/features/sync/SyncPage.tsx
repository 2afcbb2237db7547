/** The sync in full: what waits, what needs somebody, what has to be decided, what happened, and why it does not go on. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { AsOf } from '../../components/AsOf';
import { EmptyState } from '../../components/feedback/EmptyState';
import { TabList } from '../../components/TabList';
import { useSyncStatus } from '../../data/sync';
import type { SyncStatus } from '../../transport/contract';
import { Conflicts } from '../conflicts/Conflicts';
import { Attention } from './Attention';
import { Outbox } from './Outbox';
import { SelfTest } from './SelfTest';
import { SyncLog } from './SyncLog';
import { SYNC_TABS, type SyncTab } from './tabs';

const PAGES: Record<SyncTab, () => ReactNode> = {
  outbox: () => <Outbox />,
  attention: () => <Attention />,
  conflicts: () => <Conflicts />,
  log: () => <SyncLog />,
  check: () => <SelfTest />,
};

const countOf = ({ pending, attention, conflicts }: SyncStatus): Partial<Record<SyncTab, number>> => ({
  outbox: pending,
  attention,
  conflicts,
});

export function SyncPage() {
  const { t } = useTranslation();
  const { tab: asked } = useSearch({ strict: false }) as { tab?: string };
  const navigate = useNavigate();
  const status = useSyncStatus();
  const tab = SYNC_TABS.find((one) => one === asked) ?? 'outbox';
  if (!status) return <section className="list" data-testid="sync-page" />;
  if (!status.account) {
    return (
      <section className="list" data-testid="sync-page" aria-label={t('sync.title')}>
        <EmptyState text={t('sync.notJoined')}>
          <Button
            type="primary"
            onClick={() => void navigate({ to: '/settings', search: { section: 'sync' } })}
            data-testid="sync-join"
          >
            {t('sync.toJoin')}
          </Button>
        </EmptyState>
      </section>
    );
  }
  const counts = countOf(status);
  return (
    <section className="list sync-page" data-testid="sync-page" aria-label={t('sync.title')}>
      <h1 className="sr-only">{t('sync.title')}</h1>
      <div className="view-tabs">
        <TabList
          items={SYNC_TABS.map((key) => {
            const count = counts[key];
            return {
              key,
              label: t(`sync.tabs.${key}`),
              ...(count === undefined ? {} : { count, late: key !== 'outbox' }),
            };
          })}
          current={tab}
          label={t('sync.tabsLabel')}
          name="sync-tab"
          onTab={(next) => void navigate({ to: '/sync', search: { tab: next }, replace: true })}
        />
        <span className="topbar-space" />
        <AsOf />
      </div>
      {PAGES[tab]()}
    </section>
  );
}
