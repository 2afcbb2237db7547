/** Tells who hears the page what the badge only shows: the sync stopped or goes on again, the server refused something. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SyncStatus } from '../../transport/contract';
import { troubleWords } from './words';

const GOING = new Set<SyncStatus['phase']>(['syncing', 'waiting', 'up_to_date']);

export function Said({ status }: { status: SyncStatus }) {
  const { t } = useTranslation();
  const [said, setSaid] = useState('');
  const before = useRef(status);
  useEffect(() => {
    const old = before.current;
    before.current = status;
    const words: string[] = [];
    const { phase, trouble, attention } = status;
    if (phase === 'stopped' && old.phase !== 'stopped') {
      const title = trouble ? troubleWords(t, trouble.code).title : t('sync.told.stopped');
      words.push(t('sync.say.stopped', { title }));
    } else if (old.phase === 'stopped' && GOING.has(phase)) {
      words.push(t('sync.say.going'));
    }
    if (attention > old.attention) {
      words.push(t('sync.say.attention', { count: attention - old.attention }));
    }
    if (words.length) setSaid(words.join(' '));
  }, [status, t]);
  return (
    <span className="sr-only" role="status" aria-live="polite" data-testid="sync-said">
      {said}
    </span>
  );
}
