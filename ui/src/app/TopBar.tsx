/** The top bar: search, 新建, undo, the sync of a laptop in a team, and the recovery key while it is not saved. */
import { DownOutlined, KeyOutlined, PlusOutlined, RollbackOutlined, SearchOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Dropdown, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Keys } from '../components/Keys';
import { useCatalog } from '../data/catalog';
import { useStatus } from '../data/status';
import { stepWords } from '../data/steps';
import { undo } from '../data/writes';
import { ImportPill } from '../features/import/Pill';
import { ReminderBell } from '../features/reminders/ReminderBell';
import { SyncBadge } from '../features/sync/SyncBadge';
import { call } from '../transport/transport';
import { CREATABLE, createRecord } from './create';
import { usePanels } from './panels';
import { useShortcuts } from './shortcuts';

export function TopBar() {
  const { t } = useTranslation();
  const setPalette = usePanels((state) => state.setPalette);
  return (
    <header className="topbar">
      <button
        type="button"
        className="topbar-search"
        onClick={() => setPalette(true)}
        data-testid="search-open"
      >
        <SearchOutlined />
        <span>{t('places.searchHint')}</span>
        <Keys keys="Ctrl+k" />
      </button>
      <span className="topbar-space" />
      <ImportPill />
      <RecoveryNotice />
      <SyncBadge />
      <ReminderBell />
      <UndoButton />
      <NewMenu />
    </header>
  );
}

function NewMenu() {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const [open, setOpen] = useState(false);
  useShortcuts([{ keys: 'c', run: () => setOpen(true) }]);
  return (
    <Dropdown
      open={open}
      onOpenChange={setOpen}
      trigger={['click']}
      placement="bottomRight"
      autoFocus
      menu={{
        items: CREATABLE.filter((entity) => catalog.has(entity)).map((entity) => ({
          key: entity,
          label: <span data-testid={`new-${entity}`}>{catalog.entityLabel(entity)}</span>,
        })),
        onClick: ({ key }) => {
          setOpen(false);
          createRecord(key);
        },
      }}
    >
      <Button type="primary" icon={<PlusOutlined />} data-testid="new">
        {t('places.new')} <DownOutlined className="topbar-caret" />
      </Button>
    </Dropdown>
  );
}

function UndoButton() {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const state = useQuery({ queryKey: ['undo_state'], queryFn: () => call('undo_state', {}) }).data;
  const step = state?.undo ?? null;
  return (
    <Tooltip
      title={
        step ? t('places.undoWhat', { what: stepWords(t, catalog, step) }) : t('common.undoStep.nothing')
      }
      placement="bottom"
    >
      <Button
        type="text"
        icon={<RollbackOutlined />}
        disabled={!step}
        aria-label={t('common.undo')}
        data-testid="undo"
        onClick={() => void undo()}
      />
    </Tooltip>
  );
}

function RecoveryNotice() {
  const { t } = useTranslation();
  const status = useStatus().data;
  const setRecoveryKey = usePanels((state) => state.setRecoveryKey);
  if (!status || status.recovery_key_confirmed) return null;
  return (
    <Button
      type="text"
      className="topbar-due"
      icon={<KeyOutlined />}
      onClick={() => setRecoveryKey(true)}
      data-testid="recovery-pending"
    >
      {t('places.recoveryKeyPending')}
    </Button>
  );
}
