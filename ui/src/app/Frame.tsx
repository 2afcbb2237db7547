/** The frame around every place: navigation, top bar, and what may lie over the page. */
import { MenuFoldOutlined, MenuUnfoldOutlined } from '@ant-design/icons';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Tooltip } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Toasts } from '../components/feedback/Toasts';
import { RecordFormDrawer } from '../components/form/RecordForm';
import { Palette } from '../components/palette/Palette';
import { StageDialogs } from '../features/board/StageDialogs';
import { PeekDrawer } from '../features/customer-page/PeekDrawer';
import { DropWatch } from '../features/import/DropWatch';
import { InteractionDrawer } from '../features/interactions/InteractionDrawer';
import { DueReminders } from '../features/reminders/DueReminders';
import { ShortcutsDialog } from '../features/shortcuts/ShortcutsDialog';
import { RecoveryKeyDialog } from '../features/start/RecoveryKey';
import { TogetherDialogs } from '../features/transfer/TogetherDialogs';
import { useActions, useNavCollapsed } from './actions';
import { PLACES, type Place } from './places';
import { useShortcuts } from './shortcuts';
import { TopBar } from './TopBar';

export function Frame() {
  const actions = useActions();
  const shortcuts = useMemo(
    () =>
      actions.flatMap(({ keys, run, always }) =>
        keys.map((key) => ({ keys: key, run, always: always ?? false })),
      ),
    [actions],
  );
  useShortcuts(shortcuts);
  const navigate = useNavigate();
  return (
    <div className="frame" data-testid="app">
      <Navigation />
      <div className="frame-main">
        <TopBar />
        <main className="page">
          <Outlet />
        </main>
      </div>
      <Palette />
      <ShortcutsDialog />
      <PeekDrawer />
      <InteractionDrawer />
      <RecordFormDrawer />
      <StageDialogs />
      <RecoveryKeyDialog />
      <TogetherDialogs />
      <DropWatch onOpen={() => void navigate({ to: '/import' })} />
      <DueReminders />
      <Toasts />
    </div>
  );
}

function Navigation() {
  const { t } = useTranslation();
  const [collapsed, setCollapsed] = useNavCollapsed();
  const link = (place: Place) => {
    const label = t(`places.${place.key}`);
    return (
      <Tooltip key={place.key} title={collapsed ? label : ''} placement="right">
        <Link
          to={place.path}
          className="nav-link"
          aria-label={label}
          data-testid={`nav-${place.path.slice(1)}`}
        >
          <span className="nav-icon">{place.icon}</span>
          <span className="nav-label">{label}</span>
        </Link>
      </Tooltip>
    );
  };
  return (
    <nav className={`nav${collapsed ? ' collapsed' : ''}`} aria-label={t('places.navigation')}>
      <div className="nav-brand">
        <Mark />
        <span className="nav-label">{t('common.app')}</span>
      </div>
      <div className="nav-places">{PLACES.filter((place) => !place.foot).map(link)}</div>
      <div className="nav-places nav-foot">
        {PLACES.filter((place) => place.foot).map(link)}
        <button
          type="button"
          className="nav-link"
          onClick={() => setCollapsed(!collapsed)}
          aria-label={t(collapsed ? 'places.expand' : 'places.collapse')}
          aria-expanded={!collapsed}
        >
          <span className="nav-icon">{collapsed ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}</span>
          <span className="nav-label">{t('places.collapse')}</span>
        </button>
      </div>
    </nav>
  );
}

/** A road that leads on: Ketu's mark. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="mark" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M8 25 C 14 25, 12 17, 17 16 S 20 8, 25 7" />
      <circle cx="25" cy="7" r="2.6" />
    </svg>
  );
}
