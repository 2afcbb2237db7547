/** What the mock starts with: given by a test, or read from the page's address. */
import type { Settings, Status } from '../contract';

export interface MockOptions {
  customers?: number;
  /** `first_run` shows the welcome, everything else starts ready. */
  state?: Status['state'];
  settings?: Partial<Settings>;
  now?: number;
  /** Reminders came due before the window was there. */
  due?: boolean;
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

/** In the address: `?first-run`, `?customers=100000`, `?state=locked`, `?lang=en&theme=dark`, `?due`. */
export function optionsFromAddress(): MockOptions {
  const query = new URLSearchParams(location.search);
  const state = query.has('first-run') ? 'first_run' : query.get('state');
  const settings: Partial<Settings> = {};
  const language = query.get('lang');
  const theme = query.get('theme');
  const density = query.get('density');
  if (language) settings.language = language;
  if (theme) settings.theme = theme;
  if (density) settings.density = density;
  // The router would read what stands before the hash as part of its own address.
  history.replaceState(null, '', `${location.pathname}${location.hash}`);
  return {
    customers: Number(query.get('customers') ?? 1200),
    ...(state
      ? { state: { name: state, owner: 'demo', backups: 3, reason: '' } as unknown as Status['state'] }
      : {}),
    ...(query.has('due') ? { due: true } : {}),
    settings,
  };
}
