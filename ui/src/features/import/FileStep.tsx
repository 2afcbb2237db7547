/** The first step: drop or pick a file, or learn why one was not opened. */
import {
  CheckCircleOutlined,
  FileExcelOutlined,
  FolderOpenOutlined,
  RollbackOutlined,
  TableOutlined,
} from '@ant-design/icons';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../../components/feedback/error-text';
import { showToast } from '../../components/feedback/toasts';
import { showInstantShort } from '../../components/fields/times';
import { tried } from '../../data/writes';
import { pickFile, pickSave, revealFile, SHEET_EXTENSIONS } from '../../transport/platform';
import { call, type TransportError } from '../../transport/transport';
import { fileName } from './file-name';
import { cancelOpening, dismissRefusal, openFile, useFlow } from './flow';
import { useRecentImports } from './recent';
import { UndoImport } from './UndoImport';

export function FileStep() {
  const { t } = useTranslation();
  const { working, refusal, path } = useFlow();
  const opening = working?.kind === 'opening';
  const pick = async () => {
    const chosen = await tried(
      pickFile(t('imports.file.pickTitle'), [
        { name: t('imports.file.kinds'), extensions: SHEET_EXTENSIONS },
      ]),
    );
    if (chosen) await openFile(chosen);
  };
  return (
    <div className="import-file">
      {refusal && path ? (
        <Refused refusal={refusal} path={path} onPick={() => void pick()} />
      ) : (
        <button
          type="button"
          className="import-drop"
          onClick={() => void pick()}
          disabled={opening}
          data-testid="import-drop"
        >
          <FileExcelOutlined />
          <b>{opening ? t('imports.file.opening', { file: fileName(path) }) : t('imports.file.drop')}</b>
          <span className="import-drop-pick" data-testid="import-pick">
            <FolderOpenOutlined /> {t('imports.file.pick')}
          </span>
          <small>{t('imports.file.accepts')}</small>
        </button>
      )}
      {opening ? (
        <Button className="import-give-up" onClick={cancelOpening} data-testid="import-cancel-opening">
          {t('common.cancel')}
        </Button>
      ) : null}
      <Promises />
      <Recent />
      <Template />
    </div>
  );
}

function Refused({ refusal, path, onPick }: { refusal: TransportError; path: string; onPick(): void }) {
  const { t } = useTranslation();
  return (
    <div className="import-refused" role="alert" data-testid="import-refused">
      <h2>{t('imports.file.refused', { file: fileName(path) })}</h2>
      <p>{errorText(refusal)}</p>
      <p className="soft">{t('imports.file.safe')}</p>
      <div className="import-actions">
        <Button type="primary" onClick={onPick} data-testid="import-another">
          {t('imports.file.another')}
        </Button>
        <Button onClick={() => void openFile(path)} data-testid="import-retry">
          {t('common.retry')}
        </Button>
        <Button type="text" onClick={dismissRefusal}>
          {t('common.close')}
        </Button>
      </div>
    </div>
  );
}

function Promises() {
  const { t } = useTranslation();
  const promise = (key: 'guess' | 'check' | 'undo', icon: ReactNode) => (
    <li>
      {icon}
      <b>{t(`imports.file.promises.${key}.title`)}</b>
      <span>{t(`imports.file.promises.${key}.text`)}</span>
    </li>
  );
  return (
    <ul className="import-promises">
      {promise('guess', <TableOutlined />)}
      {promise('check', <CheckCircleOutlined />)}
      {promise('undo', <RollbackOutlined />)}
    </ul>
  );
}

function Template() {
  const { t } = useTranslation();
  const save = async () => {
    const path = await tried(
      pickSave(t('imports.file.templateTitle'), t('imports.file.templateName'), [
        { name: t('lists.sheetFiles'), extensions: ['xlsx'] },
      ]),
    );
    const saved = path ? await tried(call('import_template', { path })) : null;
    if (!saved) return;
    showToast({
      tone: 'good',
      text: t('imports.file.templateSaved'),
      action: { label: t('common.showInFolder'), run: () => void tried(revealFile(saved.path)) },
    });
  };
  return (
    <p className="import-template soft">
      {t('imports.file.templateText')}
      <Button type="link" size="small" onClick={() => void save()} data-testid="import-template">
        {t('imports.file.template')}
      </Button>
    </p>
  );
}

function Recent() {
  const { t } = useTranslation();
  const recent = useRecentImports();
  if (recent.length === 0) return null;
  return (
    <section className="import-recent" aria-label={t('imports.recent.title')}>
      <h2>{t('imports.recent.title')}</h2>
      <ul>
        {recent.map(({ file, at, tx, undone, ...counts }) => (
          <li key={at} data-testid="import-recent">
            <b title={file}>{file}</b>
            <span className="soft numeric">{showInstantShort(at)}</span>
            <span className="soft numeric">{t('imports.recent.counts', counts)}</span>
            {undone ? (
              <span className="soft">{t('imports.recent.undone')}</span>
            ) : tx ? (
              <UndoImport tx={tx} size="small" label={t('common.undo')} />
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
