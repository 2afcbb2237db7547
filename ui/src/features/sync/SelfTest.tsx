/** Why it does not sync: each link of the way is looked at, and said in plain words with what to do (B24). */
import { CheckCircleFilled, CloseCircleFilled, ExclamationCircleFilled } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { useSyncStatus } from '../../data/sync';
import { call } from '../../transport/transport';
import { findingWords, troubleWords } from './words';

const ICONS = {
  ok: <CheckCircleFilled aria-hidden />,
  warning: <ExclamationCircleFilled aria-hidden />,
  problem: <CloseCircleFilled aria-hidden />,
};

export function SelfTest() {
  const { t } = useTranslation();
  const status = useSyncStatus();
  const test = useQuery({
    queryKey: ['sync_self_test'],
    queryFn: () => call('sync_self_test', {}),
    // It asks the server: only when somebody wants to know, and anew each time.
    staleTime: 0,
    gcTime: 0,
  });
  const findings = test.data?.findings ?? [];
  // What keeps it back and is none of these links, e.g. a server that puts work off; else the links tell it.
  const told = findings.some(({ level }) => level === 'problem');
  const trouble = status?.trouble && !told && test.data ? troubleWords(t, status.trouble.code) : null;
  const good = findings.length > 0 && findings.every(({ level }) => level === 'ok');
  return (
    <div className="sync-scroll sync-check" data-testid="self-test">
      <div className="sync-group-head">
        <p className="soft">{t('sync.check.hint')}</p>
        <Button
          type="primary"
          loading={test.isFetching}
          onClick={() => void test.refetch()}
          data-testid="self-test-again"
        >
          {t(test.isFetching ? 'sync.check.running' : 'sync.check.again')}
        </Button>
      </div>
      {trouble ? (
        <div
          className={`sync-item ${status?.trouble?.stops ? 'is-bad' : 'is-due'}`}
          data-testid="self-test-trouble"
        >
          <header>
            <ExclamationCircleFilled aria-hidden />
            <b>{trouble.title}</b>
          </header>
          <p>{trouble.safe}</p>
          <p>{trouble.todo}</p>
        </div>
      ) : null}
      {test.error && !test.isFetching ? (
        <ErrorBlock error={test.error} onRetry={() => void test.refetch()} />
      ) : (
        <ul className="sync-findings" aria-live="polite" data-testid="self-test-findings">
          {findings.map((finding, at) => {
            const level = finding.level in ICONS ? (finding.level as keyof typeof ICONS) : 'warning';
            return (
              <li key={at} className={level}>
                {ICONS[level]}
                <span>
                  <span className="sr-only">{t(`sync.check.levels.${level}`)}: </span>
                  {findingWords(t, finding)}
                </span>
              </li>
            );
          })}
          {good && !trouble ? <li className="sync-all-good">{t('sync.check.allGood')}</li> : null}
        </ul>
      )}
    </div>
  );
}
