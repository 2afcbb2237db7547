/** What the mock starts with: given by a test, or read from the page's address. */
import type { Settings, Status } from '../contract';
import type { SyncStart } from './sync';

export interface MockOptions {
  customers?: number;
  /** `first_run` shows the welcome, everything else starts ready. */
  state?: Status['state'];
  settings?: Partial<Settings>;
  now?: number;
  /** Reminders came due before the window was there. */
  due?: boolean;
  /** How it stands with a server; a laptop of its own where absent. */
  sync?: SyncStart;
  /** So many more changes wait than the few that are told apart. */
  outbox?: number;
}

export const DEFAULT_SETTINGS: Settings = {
  language: 'zh-CN',
  theme: 'light',
  density: 'comfortable',
  font_size: 100,
  quiet_from: '00:00',
  quiet_to: '00:00',
  close_to_tray: true,
  window: {},
};

/**
 * In the address: `?first-run`, `?customers=100000`, `?state=locked`, `?lang=en&theme=dark`, `?due`, `?sync=offline`,
 * `?outbox=100000`.
 */
export function optionsFromAddress(): MockOptions {
  const query = new URLSearchParams(location.search);
  const state = query.has('first-run') ? 'first_run' : query.get('state');
  const settings: Partial<Settings> = {};
  const language = query.get('lang');
  const theme = query.get('theme');
  const density = query.get('density');
  const fontSize = query.get('font');
  const sync = query.get('sync');
  if (language) settings.language = language;
  if (theme) settings.theme = theme;
  if (density) settings.density = density;
  if (fontSize) settings.font_size = Number(fontSize);
  // The router would read what stands before the hash as part of its own address.
  history.replaceState(null, '', `${location.pathname}${location.hash}`);
  return {
    customers: Number(query.get('customers') ?? 1200),
    ...(state
      ? {
          state: {
            name: state,
            owner: 'demo',
            backups: 3,
            reason: '',
            since: Date.now() - 31 * 86_400_000,
            days: 30,
          } as unknown as Status['state'],
        }
      : {}),
    ...(query.has('due') ? { due: true } : {}),
    ...(sync ? { sync: sync as SyncStart } : {}),
    outbox: Number(query.get('outbox') ?? 0),
    settings,
  };
}
