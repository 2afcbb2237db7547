/** The password once more: after the server was restored, or where it no longer knows this laptop's key. */
import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { showToast } from '../../components/feedback/toasts';
import { isComposing } from '../../components/keys';
import { queryClient } from '../../data/client';
import { showSyncStatus } from '../../data/sync';
import { call } from '../../transport/transport';
import { thrownWords } from './words';

export function LogIn({ wanted }: { wanted: boolean }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const id = useId();
  const logIn = async () => {
    if (!password || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      showSyncStatus(await call('sync_log_in', { password }));
      setPassword('');
      showToast({ tone: 'good', text: t('join.joined.loggedIn') });
      await queryClient.invalidateQueries({ predicate: ({ meta }) => meta?.sync === true });
    } catch (thrown) {
      setProblem(thrown);
    }
    setBusy(false);
  };
  const words = problem === null ? null : thrownWords(t, problem);
  return (
    <section className={wanted ? 'sync-item is-bad' : ''} data-testid="log-in">
      <h3>{t('join.joined.logIn')}</h3>
      <p className="soft">{t(wanted ? 'sync.troubles.login_required.safe' : 'join.joined.logInHint')}</p>
      <div className="settings-row">
        <label htmlFor={id} className="sr-only">
          {t('join.joined.password')}
        </label>
        <Input.Password
          id={id}
          className="settings-select"
          value={password}
          autoComplete="current-password"
          placeholder={t('join.joined.password')}
          onChange={({ target }) => setPassword(target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !isComposing(event)) void logIn();
          }}
          data-testid="log-in-password"
        />
        <Button
          type={wanted ? 'primary' : 'default'}
          disabled={!password}
          loading={busy}
          onClick={() => void logIn()}
          data-testid="log-in-go"
        >
          {t('join.joined.logIn')}
        </Button>
      </div>
      {words ? (
        <p className="bad" role="alert" data-testid="log-in-problem">
          {words.safe ? t('sync.troubleLine', { ...words }) : words.title}
          {words.code ? ` (${words.code})` : ''}
        </p>
      ) : null}
    </section>
  );
}
