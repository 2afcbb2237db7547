/** What can be done while nothing is shown because the server was not heard for too long. */
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSyncStatus } from '../../data/sync';
import { pauseSync, syncNow } from './deeds';
import { LogIn } from './LogIn';
import { SelfTest } from './SelfTest';
import { troubleWords } from './words';

export function OutOfReach() {
  const { t } = useTranslation();
  const status = useSyncStatus();
  const [testing, setTesting] = useState(false);
  if (!status) return null;
  const { phase, trouble, pending } = status;
  const wanted = trouble?.code === 'login_required';
  const words = trouble && !wanted ? troubleWords(t, trouble.code) : null;
  const paused = phase === 'paused';
  return (
    <>
      {words && phase !== 'syncing' ? (
        <p className="soft" role="status" data-testid="reach-trouble">
          {t('sync.troubleLine', { ...words })}
          {words.code ? ` (${words.code})` : ''}
        </p>
      ) : null}
      {wanted ? <LogIn wanted /> : null}
      {testing ? <SelfTest /> : null}
      <div className="start-foot">
        {pending ? (
          <span className="soft">{t('start.state.out_of_reach.pending', { count: pending })}</span>
        ) : null}
        {testing ? null : (
          <Button onClick={() => setTesting(true)} data-testid="reach-test">
            {t('sync.tabs.check')}
          </Button>
        )}
        {wanted ? null : (
          <Button
            type="primary"
            loading={phase === 'syncing'}
            onClick={() => void (paused ? pauseSync(false) : syncNow())}
            data-testid="reach-now"
          >
            {t(paused ? 'join.joining.resume' : 'sync.panel.now')}
          </Button>
        )}
      </div>
    </>
  );
}
