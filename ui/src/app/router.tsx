/** The places of the window as addresses. A list's view, filter and order are part of its address. */
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { NotDrawn } from '../components/feedback/Boundary';
import { boardSearch } from '../features/board/board-filter';
import { CustomerPage } from '../features/customer-page/CustomerPage';
import { writePeek } from '../features/customer-page/peek';
import { Lists } from '../features/lists/Lists';
import type { Filter, Sort } from '../transport/contract';
import { Frame } from './Frame';
import { hasPage } from './open';

/** What the address of a list says beside its place. */
export interface ListSearch {
  /** Id of a saved view. */
  view?: string;
  filter?: Filter;
  sort?: Sort[];
  q?: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Reads a list's address; what it does not understand is left out rather than refused. */
export function listSearch(raw: Record<string, unknown>): ListSearch {
  const search: ListSearch = {};
  if (typeof raw.view === 'string') search.view = raw.view;
  if (typeof raw.q === 'string' && raw.q) search.q = raw.q;
  if (isObject(raw.filter) && ['all', 'any', 'field'].some((key) => key in (raw.filter as object))) {
    search.filter = raw.filter as unknown as Filter;
  }
  if (Array.isArray(raw.sort)) {
    search.sort = raw.sort
      .filter((one): one is Sort => isObject(one) && typeof one.field === 'string')
      .map(({ field, descending }) => ({ field, descending: descending === true }));
  }
  return search;
}

const root = createRootRoute({
  component: Frame,
  // What lies beside the page belongs to every address.
  validateSearch: (raw: Record<string, unknown>): { peek?: string } =>
    typeof raw.peek === 'string' ? { peek: raw.peek } : {},
});

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/customers' });
  },
});

const customers = createRoute({
  getParentRoute: () => root,
  path: '/customers',
  validateSearch: listSearch,
  component: () => <Lists entity="customer" />,
});
const customerPage = createRoute({
  getParentRoute: () => root,
  path: '/customers/$id',
  component: CustomerPage,
});
const contacts = createRoute({
  getParentRoute: () => root,
  path: '/contacts',
  validateSearch: listSearch,
  component: () => <Lists entity="contact" />,
});
const opportunities = createRoute({
  getParentRoute: () => root,
  path: '/opportunities',
  validateSearch: listSearch,
  component: () => <Lists entity="opportunity" />,
});
const interactions = createRoute({
  getParentRoute: () => root,
  path: '/interactions',
  validateSearch: listSearch,
  component: () => <Lists entity="interaction" />,
});
const board = createRoute({
  getParentRoute: () => root,
  path: '/board',
  validateSearch: boardSearch,
  component: lazyRouteComponent(() => import('../features/board/Board'), 'Board'),
});
const reminders = createRoute({
  getParentRoute: () => root,
  path: '/reminders',
  validateSearch: (raw: Record<string, unknown>): { tab?: string } =>
    typeof raw.tab === 'string' ? { tab: raw.tab } : {},
  component: lazyRouteComponent(() => import('../features/reminders/Reminders'), 'Reminders'),
});
const imports = createRoute({
  getParentRoute: () => root,
  path: '/import',
  component: lazyRouteComponent(() => import('../features/import/ImportPage'), 'ImportPage'),
});
const recycleBin = createRoute({
  getParentRoute: () => root,
  path: '/recycle-bin',
  component: lazyRouteComponent(() => import('../features/recycle-bin/RecycleBin'), 'RecycleBin'),
});
const sync = createRoute({
  getParentRoute: () => root,
  path: '/sync',
  validateSearch: (raw: Record<string, unknown>): { tab?: string; card?: string } => ({
    ...(typeof raw.tab === 'string' ? { tab: raw.tab } : {}),
    ...(typeof raw.card === 'string' ? { card: raw.card } : {}),
  }),
  component: lazyRouteComponent(() => import('../features/sync/SyncPage'), 'SyncPage'),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  validateSearch: (raw: Record<string, unknown>): { section?: string } =>
    typeof raw.section === 'string' ? { section: raw.section } : {},
  component: lazyRouteComponent(() => import('../features/settings/Settings'), 'Settings'),
});

const routes = root.addChildren([
  home,
  customers,
  customerPage,
  contacts,
  opportunities,
  interactions,
  board,
  reminders,
  imports,
  recycleBin,
  sync,
  settings,
]);

export const makeRouter = () =>
  createRouter({
    routeTree: routes,
    history: createHashHistory(),
    defaultPreload: false,
    scrollRestoration: false,
    notFoundMode: 'root',
    defaultNotFoundComponent: () => null,
    defaultErrorComponent: ({ reset }) => (
      <NotDrawn
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    ),
  });

export const router = makeRouter();

hasPage('customer', (id) => void router.navigate({ to: '/customers/$id', params: { id } }));
for (const entity of ['contact', 'opportunity'] as const) {
  hasPage(
    entity,
    (id) =>
      void router.navigate({
        to: '.',
        search: ((old: Record<string, unknown>) => ({ ...old, peek: writePeek({ entity, id }) })) as never,
      }),
  );
}

hasPage(
  'conflict',
  (card) => void router.navigate({ to: '/sync', search: { tab: 'conflicts', card } }),
  false,
);

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
