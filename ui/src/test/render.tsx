/** Renders a part of the window over the mock core, with catalog, look and cache around it. */
import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { CatalogProvider, useCatalogIndex } from '../data/catalog';
import { followChanges, queryClient } from '../data/client';
import { useStatus } from '../data/status';
import { Themed } from '../theme/theme';
import { mockWire } from '../transport/mock/mock';
import type { MockOptions } from '../transport/mock/options';
import { type AnyEvent, connect, type Listener, type Wire } from '../transport/transport';

function Inside({ children }: { children: ReactNode }) {
  const catalog = useCatalogIndex();
  const status = useStatus().data;
  if (!catalog || !status) return null;
  return <CatalogProvider value={catalog}>{children}</CatalogProvider>;
}

let heard: Listener | null = null;

/** Tells the window what the core or the shell would tell it. */
export const tell = (event: AnyEvent): void => heard?.(event);

/** `meddle` may refuse or count calls before the mock sees them. */
export function renderInside(
  children: ReactNode,
  options: MockOptions = {},
  meddle?: (method: string, params: unknown) => void,
) {
  const mock = mockWire({ customers: 30, ...options });
  const wire: Wire = {
    listen(listener) {
      heard = listener;
      return mock.listen(listener);
    },
    async call(method, params) {
      meddle?.(method, params);
      return mock.call(method, params);
    },
  };
  connect(wire);
  followChanges(queryClient);
  return render(
    <QueryClientProvider client={queryClient}>
      <Themed look={{ language: 'zh-CN', theme: 'light', density: 'comfortable', fontSize: 100 }}>
        <Inside>{children}</Inside>
      </Themed>
    </QueryClientProvider>,
  );
}
