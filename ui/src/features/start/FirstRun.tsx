/** The first minute: name and language, the recovery key, the first customers. No network, no login. */
import { FileExcelOutlined, PlusOutlined, ShopOutlined, TeamOutlined } from '@ant-design/icons';
import { Button, Form, Input, Segmented, Steps } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Mark } from '../../app/Frame';
import { newRecord } from '../../app/panels';
import { router } from '../../app/router';
import { isComposing } from '../../components/keys';
import { queryClient } from '../../data/client';
import { refreshStatus } from '../../data/status';
import { tried } from '../../data/writes';
import { asLanguage, LANGUAGES, type Language } from '../../i18n';
import type { SetUpDone } from '../../transport/contract';
import { call } from '../../transport/transport';
import { DropWatch } from '../import/DropWatch';
import { fileName } from '../import/file-name';
import { openFile } from '../import/flow';
import { RecoveryKey } from './RecoveryKey';

interface FirstRunProps {
  onLanguage(language: Language): void;
  onDone(): void;
}

export function FirstRun({ onLanguage, onDone }: FirstRunProps) {
  const { t } = useTranslation();
  const [made, setMade] = useState<SetUpDone | null>(null);
  const [filling, setFilling] = useState(false);
  /** Dropped before there is a place for it. */
  const [file, setFile] = useState<string | null>(null);
  const done = async () => {
    await queryClient.invalidateQueries();
    onDone();
  };
  const toImport = () => {
    void router.navigate({ to: '/import' });
    void done();
  };
  const fill = () => {
    setFilling(true);
    if (!file) return;
    void openFile(file);
    toImport();
  };
  const step = filling ? 2 : made ? 1 : 0;
  return (
    <div className="start" data-testid="first-run">
      <DropWatch onOpen={toImport} keep={filling ? undefined : setFile} />
      <div className="start-panel">
        <header className="start-head">
          <Mark />
          <div>
            <h1>{t('start.welcome')}</h1>
            <p>{t('start.welcomeText')}</p>
          </div>
        </header>
        <Steps
          size="small"
          current={step}
          items={[
            { title: t('start.steps.who') },
            { title: t('start.steps.key') },
            { title: t('start.steps.fill') },
          ]}
        />
        {filling ? (
          <FirstCustomers onDone={() => void done()} onImport={toImport} />
        ) : made ? (
          <RecoveryKey made={made} onConfirmed={fill} onLater={fill} />
        ) : (
          <Who onLanguage={onLanguage} onMade={setMade} />
        )}
        {file && !filling ? (
          <p className="soft" role="status" data-testid="start-file">
            {t('start.fileKept', { file: fileName(file) })}
          </p>
        ) : null}
      </div>
    </div>
  );
}

function Who({
  onLanguage,
  onMade,
}: {
  onLanguage(language: Language): void;
  onMade(made: SetUpDone): void;
}) {
  const { t, i18n } = useTranslation();
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const language = asLanguage(i18n.language);
  const begin = async () => {
    if (!name.trim() || busy) return;
    setBusy(true);
    const made = await tried(call('set_up', { name: name.trim(), language }));
    setBusy(false);
    if (!made) return;
    onMade(made);
    await refreshStatus();
  };
  return (
    <Form layout="vertical" component="div" className="start-form">
      <Form.Item label={t('start.language')}>
        <Segmented<Language>
          value={language}
          options={LANGUAGES}
          onChange={onLanguage}
          data-testid="start-language"
        />
      </Form.Item>
      <Form.Item label={t('start.name')} extra={t('start.nameHint')} htmlFor="start-name" required>
        <Input
          id="start-name"
          autoFocus
          size="large"
          maxLength={100}
          value={name}
          data-testid="start-name"
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !isComposing(event)) void begin();
          }}
        />
      </Form.Item>
      <div className="start-foot">
        <Button
          type="primary"
          size="large"
          disabled={!name.trim()}
          loading={busy}
          onClick={() => void begin()}
          data-testid="start-begin"
        >
          {t('start.begin')}
        </Button>
      </div>
    </Form>
  );
}

function FirstCustomers({ onDone, onImport }: { onDone(): void; onImport(): void }) {
  const { t } = useTranslation();
  const [loading, setLoading] = useState(false);
  const way = (id: string, icon: ReactNode, title: string, text: string, run: () => void) => (
    <button type="button" className="start-way" onClick={run} disabled={loading} data-testid={id}>
      <span className="start-way-icon">{icon}</span>
      <b>{title}</b>
      <span>{text}</span>
    </button>
  );
  return (
    <div className="start-fill">
      <h2>{t('start.fillTitle')}</h2>
      <div className="start-ways">
        {way(
          'start-import',
          <FileExcelOutlined />,
          t('start.fillImport'),
          t('start.fillImportText'),
          onImport,
        )}
        {way('start-join', <TeamOutlined />, t('start.fillJoin'), t('start.fillJoinText'), () => {
          void router.navigate({ to: '/settings', search: { section: 'sync' } });
          onDone();
        })}
        {way('start-new', <PlusOutlined />, t('start.fillNew'), t('start.fillNewText'), () => {
          newRecord('customer');
          onDone();
        })}
        {way(
          'start-sample',
          <ShopOutlined />,
          t('start.fillSample'),
          loading ? t('start.loadingSample') : t('start.fillSampleText'),
          () => {
            setLoading(true);
            void tried(call('load_sample', {})).then((loaded) => {
              setLoading(false);
              if (loaded) onDone();
            });
          },
        )}
      </div>
    </div>
  );
}
