/** Decides what the window shows at all: the welcome, a file that cannot be opened, or the app. */
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { type ReactNode, useEffect, useLayoutEffect, useState } from 'react';
import { AskDialog } from '../components/feedback/AskDialog';
import { Boundary } from '../components/feedback/Boundary';
import { ErrorBlock } from '../components/feedback/ErrorBlock';
import { Toasts } from '../components/feedback/Toasts';
import { CatalogProvider, useLoadedCatalog } from '../data/catalog';
import { followChanges, queryClient } from '../data/client';
import { useStatus } from '../data/status';
import { FileStatePage } from '../features/start/FileState';
import { FirstRun } from '../features/start/FirstRun';
import { asLanguage, desktopLanguage, showLanguage } from '../i18n';
import { type Look, Themed } from '../theme/theme';
import { AskPathDialog } from './AskPath';
import { followQuit } from './quitting';
import { router } from './router';

export function App() {
  useEffect(() => followChanges(queryClient), []);
  useEffect(() => followQuit(), []);
  return (
    <QueryClientProvider client={queryClient}>
      <Window />
    </QueryClientProvider>
  );
}

function Window() {
  const status = useStatus();
  const [starting, setStarting] = useState(false);
  const state = status.data?.state;
  const isNew = state?.name === 'first_run';
  // The welcome goes on after the file exists: the recovery key and the first customers follow.
  useEffect(() => {
    if (isNew) setStarting(true);
  }, [isNew]);

  const settings = status.data?.settings;
  const language = isNew ? desktopLanguage() : asLanguage(settings?.language ?? desktopLanguage());
  const [chosen, setChosen] = useState<ReturnType<typeof asLanguage> | null>(null);
  const shown = isNew && chosen ? chosen : language;
  useLayoutEffect(() => showLanguage(shown), [shown]);

  const look: Look = {
    language: shown,
    theme: settings?.theme ?? 'system',
    density: settings?.density ?? 'comfortable',
    fontSize: settings?.font_size ?? 100,
  };
  let content: ReactNode = null;
  if (status.error) content = <ErrorBlock error={status.error} onRetry={() => void status.refetch()} />;
  else if (isNew || starting) content = <FirstRun onLanguage={setChosen} onDone={() => setStarting(false)} />;
  else if (state?.name === 'ready') content = <Ready />;
  else if (status.data) content = <FileStatePage status={status.data} />;
  return (
    <Themed look={look}>
      <Boundary>{content}</Boundary>
      {state?.name === 'ready' && !starting ? null : <Toasts />}
      <AskPathDialog />
      <AskDialog />
    </Themed>
  );
}

function Ready() {
  const { catalog, error, refetch } = useLoadedCatalog();
  if (!catalog) return error ? <ErrorBlock error={error} onRetry={() => void refetch()} /> : null;
  return (
    <CatalogProvider value={catalog}>
      <RouterProvider router={router} />
    </CatalogProvider>
  );
}
