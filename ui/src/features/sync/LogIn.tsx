/**
 * Coming in again: the password once more after the server was restored or no longer knows this laptop's key, or a new
 * invitation after an administrator took the password away.
 */
import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { showToast } from '../../components/feedback/toasts';
import { isComposing } from '../../components/keys';
import { queryClient } from '../../data/client';
import { showSyncStatus } from '../../data/sync';
import { call } from '../../transport/transport';
import { SHORTEST } from './join/JoinFlow';
import { thrownWords } from './words';

export function LogIn({ wanted }: { wanted: boolean }) {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  // Nothing where the password is enough.
  const [invitation, setInvitation] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const id = useId();
  const invited = invitation !== null;
  const ready = invited ? invitation.trim() !== '' && [...password].length >= SHORTEST : password !== '';
  const logIn = async () => {
    if (!ready || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      showSyncStatus(await call('sync_log_in', invited ? { password, invitation } : { password }));
      setPassword('');
      setInvitation(null);
      showToast({ tone: 'good', text: t('join.joined.loggedIn') });
      await queryClient.invalidateQueries({ predicate: ({ meta }) => meta?.sync === true });
    } catch (thrown) {
      setProblem(thrown);
    }
    setBusy(false);
  };
  const other = () => {
    setInvitation(invited ? null : '');
    setPassword('');
    setProblem(null);
  };
  const words = problem === null ? null : thrownWords(t, problem);
  const label = invited ? t('join.joined.newPassword', { count: SHORTEST }) : t('join.joined.password');
  return (
    <section className={wanted ? 'sync-item is-bad' : ''} data-testid="log-in">
      <h3>{t('join.joined.logIn')}</h3>
      <p className="soft">
        {t(
          invited
            ? 'join.joined.invitationHint'
            : wanted
              ? 'sync.troubles.login_required.safe'
              : 'join.joined.logInHint',
        )}
      </p>
      {invited ? (
        <>
          <label htmlFor={`${id}-invitation`} className="sr-only">
            {t('join.joined.invitation')}
          </label>
          <Input.TextArea
            id={`${id}-invitation`}
            className="path"
            autoFocus
            rows={3}
            value={invitation}
            placeholder={t('join.invitation.placeholder')}
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => setInvitation(target.value)}
            data-testid="log-in-invitation"
          />
        </>
      ) : null}
      <div className="settings-row">
        <label htmlFor={id} className="sr-only">
          {label}
        </label>
        <Input.Password
          key={invited ? 'new' : 'current'}
          id={id}
          className="settings-select"
          value={password}
          autoComplete={invited ? 'new-password' : 'current-password'}
          placeholder={label}
          onChange={({ target }) => setPassword(target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !isComposing(event)) void logIn();
          }}
          data-testid="log-in-password"
        />
        <Button
          type={wanted ? 'primary' : 'default'}
          disabled={!ready}
          loading={busy}
          onClick={() => void logIn()}
          data-testid="log-in-go"
        >
          {t('join.joined.logIn')}
        </Button>
        <Button type="link" disabled={busy} onClick={other} data-testid="log-in-other">
          {t(invited ? 'join.joined.byPassword' : 'join.joined.haveInvitation')}
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
