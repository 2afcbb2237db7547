/** From an invitation to a team: read it, choose a password, look at what meets there, join (B21). */
import { Link } from '@tanstack/react-router';
import { Button, Input, Steps } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isComposing } from '../../../components/keys';
import { copyText } from '../../../transport/platform';
import { TransportError } from '../../../transport/transport';
import { thrownWords } from '../words';
import { enrol, giveUp, join, readInvitation, STEPS, toPassword, typeInvitation, useFlow } from './flow';
import { PreviewStep } from './PreviewStep';

export function JoinFlow() {
  const { t } = useTranslation();
  const { step } = useFlow();
  return (
    <div className="join" data-testid="join" data-step={step}>
      <p className="soft">{t('join.lead')}</p>
      <Steps
        size="small"
        current={STEPS.indexOf(step)}
        items={[...STEPS, 'joining' as const].map((key) => ({ title: t(`join.steps.${key}`) }))}
      />
      {step === 'invitation' ? <InvitationStep /> : step === 'password' ? <PasswordStep /> : <Preview />}
    </div>
  );
}

/** What went wrong, what is safe, what to do; the step stays as it is. */
function Problem() {
  const { t } = useTranslation();
  const problem = useFlow((flow) => flow.problem);
  if (problem === null) return null;
  const { title, safe, todo, code } = thrownWords(t, problem);
  const sample = TransportError.from(problem).code === 'sample_present';
  return (
    <div className="sync-item is-bad" role="alert" data-testid="join-problem">
      <header>
        <b>{title}</b>
      </header>
      {safe ? <p>{safe}</p> : null}
      {todo ? <p>{todo}</p> : null}
      {sample ? (
        <Link to="/settings" search={{ section: 'data' }} data-testid="join-to-sample">
          {t('settings.data.removeSample')}
        </Link>
      ) : null}
      {code ? (
        <Button size="small" type="text" onClick={() => void copyText(code)} title={t('common.copyCode')}>
          {t('common.code', { code })}
        </Button>
      ) : null}
    </div>
  );
}

function CancelButton() {
  const { t } = useTranslation();
  const busy = useFlow((flow) => flow.busy);
  return (
    <Button onClick={() => void giveUp()} disabled={busy} data-testid="join-cancel">
      {t('join.cancel')}
    </Button>
  );
}

/** 3F9A C1D2 …: groups of four can be compared over the telephone. */
const grouped = (fingerprint: string): string[] => fingerprint.toUpperCase().match(/.{1,4}/g) ?? [];

function InvitationStep() {
  const { t } = useTranslation();
  const { text, read, busy } = useFlow();
  const id = useId();
  return (
    <>
      {read ? (
        <>
          <dl className="facts">
            <div>
              <dt>{t('join.invitation.servers')}</dt>
              <dd className="path" data-testid="join-server">
                {read.servers.map((server) => (
                  <span key={server}>{server}</span>
                ))}
              </dd>
            </div>
            <div>
              <dt>{t('join.invitation.login')}</dt>
              <dd data-testid="join-login">{read.login}</dd>
            </div>
            <div>
              <dt>{t('join.invitation.fingerprint')}</dt>
              {read.fingerprint ? (
                <dd className="join-fingerprint" data-testid="join-fingerprint">
                  {grouped(read.fingerprint).map((group, at) => (
                    <span key={at}>{group}</span>
                  ))}
                </dd>
              ) : (
                <dd>{t('join.invitation.noFingerprint')}</dd>
              )}
            </div>
          </dl>
          {read.fingerprint ? <p className="soft">{t('join.invitation.fingerprintHint')}</p> : null}
          <p>{t('join.invitation.records', { count: read.records })}</p>
        </>
      ) : (
        <div>
          <label htmlFor={id}>{t('join.begin')}</label>
          <Input.TextArea
            id={id}
            value={text}
            rows={4}
            placeholder={t('join.invitation.placeholder')}
            autoComplete="off"
            spellCheck={false}
            className="path"
            onChange={({ target }) => typeInvitation(target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || isComposing(event) || !text.trim()) return;
              event.preventDefault();
              void readInvitation();
            }}
            data-testid="join-invitation"
          />
          <p className="soft">{t('join.invitation.hint')}</p>
        </div>
      )}
      <Problem />
      <div className="join-foot">
        {read ? (
          <>
            <Button type="primary" onClick={toPassword} data-testid="join-next">
              {t('join.invitation.next')}
            </Button>
            <Button onClick={() => typeInvitation('')}>{t('join.invitation.other')}</Button>
            <CancelButton />
          </>
        ) : (
          <>
            <Button
              type="primary"
              disabled={!text.trim()}
              loading={busy}
              onClick={() => void readInvitation()}
              data-testid="join-read"
            >
              {t('join.invitation.read')}
            </Button>
            {text ? <CancelButton /> : null}
          </>
        )}
      </div>
    </>
  );
}

/** The server takes no shorter one. */
export const SHORTEST = 10;

function PasswordStep() {
  const { t } = useTranslation();
  const { read, busy } = useFlow();
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [shown, setShown] = useState(false);
  const id = useId();
  const missing = Math.max(0, SHORTEST - [...password].length);
  // Who sees what is typed need not type it twice.
  const differs = !shown && again !== '' && again !== password;
  const ready = missing === 0 && (shown || again === password);
  const go = () => {
    if (ready && !busy) void enrol(password);
  };
  const enter = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter' && !isComposing(event)) go();
  };
  return (
    <>
      <div className="join-password">
        <label htmlFor={id}>{t('join.password.label')}</label>
        <Input.Password
          id={id}
          autoFocus
          value={password}
          autoComplete="new-password"
          maxLength={200}
          visibilityToggle={{ visible: shown, onVisibleChange: setShown }}
          onChange={({ target }) => setPassword(target.value)}
          onKeyDown={enter}
          data-testid="join-password"
        />
        <p className={password && missing ? 'due' : 'soft'} aria-live="polite">
          {password && missing ? t('join.password.short', { count: missing }) : t('join.password.hint')}
        </p>
        {shown ? null : (
          <>
            <label htmlFor={`${id}-again`}>{t('join.password.again')}</label>
            <Input.Password
              id={`${id}-again`}
              value={again}
              autoComplete="new-password"
              maxLength={200}
              visibilityToggle={false}
              status={differs ? 'error' : ''}
              onChange={({ target }) => setAgain(target.value)}
              onKeyDown={enter}
              data-testid="join-again"
            />
            <p className="bad" aria-live="polite">
              {differs ? t('join.password.differs') : ''}
            </p>
          </>
        )}
      </div>
      <p className="soft">
        {busy ? t('join.password.busy', { server: read?.servers[0] ?? '' }) : t('join.password.note')}
      </p>
      <Problem />
      <div className="join-foot">
        <Button type="primary" disabled={!ready} loading={busy} onClick={go} data-testid="join-connect">
          {t('join.password.next')}
        </Button>
        <CancelButton />
      </div>
    </>
  );
}

function Preview() {
  const { t } = useTranslation();
  const { preview, busy } = useFlow();
  if (!preview) return null;
  const count = Object.values(preview.records).reduce((sum, one) => sum + one, 0);
  return (
    <>
      <PreviewStep preview={preview} />
      <Problem />
      <p className="soft">{t('join.preview.note')}</p>
      <div className="join-foot">
        <Button type="primary" loading={busy} onClick={() => void join()} data-testid="join-join">
          {count ? t('join.preview.joinCount', { count }) : t('join.preview.join')}
        </Button>
        <CancelButton />
      </div>
    </>
  );
}
