/** What can be done from anywhere: by key, from the palette, from the top bar. */
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../data/catalog';
import { updateSettings, useSettings, useWindowSetting } from '../data/status';
import { usePaused } from '../data/sync';
import { redo, tried, undo } from '../data/writes';
import { SECTIONS } from '../features/settings/sections';
import { pauseSync, syncNow } from '../features/sync/deeds';
import { SYNC_TABS } from '../features/sync/tabs';
import { CREATABLE, createRecord } from './create';
import { focusNotices } from './notices';
import { usePanels } from './panels';
import { PLACES } from './places';

export interface Action {
  id: string;
  label: string;
  /** As `chord` writes them; the first is shown. */
  keys: string[];
  group: 'actions' | 'goTo';
  always?: boolean;
  /** Listed only when it is looked for. */
  quiet?: boolean;
  /** Words that find it beside its label. */
  words?: string;
  run(): void;
}

/** Keys of what is made most often. */
const QUICK_KEYS: Record<string, string[]> = { interaction: ['l'] };

export const useNavCollapsed = () => useWindowSetting('nav_collapsed', false);

export function useActions(): Action[] {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const navigate = useNavigate();
  const { history } = useRouter();
  const { language } = useSettings();
  const [collapsed, setCollapsed] = useNavCollapsed();
  const paused = usePaused();
  return useMemo(() => {
    const panels = usePanels.getState();
    const make = CREATABLE.filter((entity) => catalog.has(entity)).map(
      (entity): Action => ({
        id: `new-${entity}`,
        label: t('common.newRecord', { entity: catalog.entityLabel(entity) }),
        keys: QUICK_KEYS[entity] ?? [],
        group: 'actions',
        run: () => createRecord(entity),
      }),
    );
    const go = PLACES.map(
      (place): Action => ({
        id: `go-${place.key}`,
        label: t(`places.${place.key}`),
        keys: [`g ${place.key2}`],
        group: 'goTo',
        run: () => void navigate({ to: place.path }),
      }),
    );
    const sections = SECTIONS.map(
      (section): Action => ({
        id: `settings-${section}`,
        label: t('places.settingsOf', { section: t(`settings.sections.${section}`) }),
        words: t(`places.actionWords.${section}`),
        keys: [],
        group: 'goTo',
        quiet: true,
        run: () => void navigate({ to: '/settings', search: { section } }),
      }),
    );
    const sync: Action[] =
      paused !== null
        ? [
            {
              id: 'sync-now',
              label: t('places.actions.syncNow'),
              words: t('places.actionWords.syncNow'),
              keys: [],
              group: 'actions',
              run: () => void syncNow(),
            },
            {
              id: 'sync-pause',
              label: t(paused ? 'places.actions.syncResume' : 'places.actions.syncPause'),
              words: t(paused ? 'places.actionWords.syncResume' : 'places.actionWords.syncPause'),
              keys: [],
              group: 'actions',
              run: () => void pauseSync(!paused),
            },
            ...SYNC_TABS.map(
              (tab): Action => ({
                id: `sync-${tab}`,
                label: t('places.actions.syncTo', { tab: t(`sync.tabs.${tab}`) }),
                words: t('places.actionWords.syncTo'),
                keys: [],
                group: 'goTo',
                quiet: true,
                run: () => void navigate({ to: '/sync', search: { tab } }),
              }),
            ),
          ]
        : [];
    return [
      ...make,
      {
        id: 'undo',
        label: t('places.actions.undo'),
        keys: ['Ctrl+z'],
        group: 'actions',
        run: () => void undo(),
      },
      {
        id: 'redo',
        label: t('places.actions.redo'),
        words: t('places.actionWords.redo'),
        keys: ['Ctrl+Shift+z', 'Ctrl+y'],
        group: 'actions',
        run: () => void redo(),
      },
      {
        id: 'back',
        label: t('places.actions.back'),
        keys: ['Alt+ArrowLeft'],
        group: 'goTo',
        always: true,
        run: () => history.back(),
      },
      {
        id: 'forward',
        label: t('places.actions.forward'),
        keys: ['Alt+ArrowRight'],
        group: 'goTo',
        always: true,
        run: () => history.forward(),
      },
      {
        id: 'palette',
        label: t('places.actions.palette'),
        keys: ['Ctrl+k'],
        group: 'actions',
        always: true,
        run: () => panels.setPalette(!usePanels.getState().palette),
      },
      {
        id: 'shortcuts',
        label: t('places.actions.shortcuts'),
        keys: ['?'],
        group: 'actions',
        run: () => panels.setShortcuts(true),
      },
      {
        id: 'notices',
        label: t('places.actions.notices'),
        keys: ['F8'],
        group: 'actions',
        always: true,
        run: focusNotices,
      },
      {
        id: 'theme',
        label: t('places.actions.toggleTheme'),
        keys: [],
        group: 'actions',
        run() {
          // What is on screen decides: the choice may be to follow the system.
          const dark = document.documentElement.dataset.theme === 'dark';
          void tried(updateSettings({ theme: dark ? 'light' : 'dark' }));
        },
      },
      {
        id: 'language',
        label: t('places.actions.toggleLanguage'),
        keys: [],
        group: 'actions',
        run: () => void tried(updateSettings({ language: language === 'en' ? 'zh-CN' : 'en' })),
      },
      {
        id: 'navigation',
        label: t('places.actions.toggleNav'),
        keys: ['['],
        group: 'actions',
        run: () => setCollapsed(!collapsed),
      },
      ...sync,
      ...go,
      ...sections,
    ];
  }, [t, catalog, navigate, history, language, collapsed, setCollapsed, paused]);
}
