/** The last step: what was written, what was not, and the way back. */
import { CheckCircleFilled, RollbackOutlined, SaveOutlined } from '@ant-design/icons';
import { useNavigate } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../data/catalog';
import type { Imported, ImportOpened, Undone } from '../../transport/contract';
import { NewOptions } from './CheckStep';
import { saveFailedRows } from './failed-rows';
import { startAnew, useFlow } from './flow';
import { recordsInOrder } from './records';
import { UndoImport } from './UndoImport';

const COUNTS = ['created', 'updated', 'skipped', 'failed'] as const;
const KEPT_SHOWN = 5;

export function ResultStep({ opened, result }: { opened: ImportOpened; result: Imported }) {
  const { t, i18n } = useTranslation();
  const catalog = useCatalog();
  const navigate = useNavigate();
  const undone = useFlow((flow) => flow.undone);
  const seconds = (result.milliseconds / 1000).toLocaleString(i18n.language, { maximumFractionDigits: 1 });
  const records = recordsInOrder(result.records);
  const title = undone ? 'undone' : result.tx ? 'done' : 'nothing';
  return (
    <div className="import-result" data-testid="import-result">
      <header className={undone ? 'undone' : ''}>
        {undone ? <RollbackOutlined /> : <CheckCircleFilled />}
        <div>
          <h2 aria-live="polite">{t(`imports.result.${title}`)}</h2>
          <p className="soft">
            {undone
              ? t('imports.result.undoneText', { count: undone.changed })
              : t('imports.result.summary', { file: opened.file, count: result.rows, seconds })}
          </p>
        </div>
      </header>
      {undone ? (
        <Kept undone={undone} />
      ) : (
        <>
          <dl className="import-counts">
            {COUNTS.map((key) => (
              <div key={key} className={result[key] ? key : 'zero'}>
                <dt>{t(`imports.result.${key}`)}</dt>
                <dd className="numeric" data-testid={`import-${key}`}>
                  {t('imports.progress.count', { count: result[key] })}
                </dd>
              </div>
            ))}
          </dl>
          {records.length ? (
            <p className="import-line">
              <span className="soft">{t('imports.result.records')}</span>
              {records.map(([entity, count]) => (
                <b key={entity} className="numeric">
                  {t('imports.check.recordCount', { entity: catalog.entityLabel(entity), count })}
                </b>
              ))}
            </p>
          ) : null}
          {result.options_added.length ? (
            <p className="import-line">
              <span className="soft">{t('imports.result.options')}</span>
              <NewOptions options={result.options_added} plain />
            </p>
          ) : null}
          {result.failed > 0 ? (
            <section className="import-failed">
              <div>
                <h3>{t('imports.result.failedTitle', { count: result.failed })}</h3>
                <p className="soft">{t('imports.result.failedText')}</p>
              </div>
              <Button
                icon={<SaveOutlined />}
                onClick={() => void saveFailedRows(opened)}
                data-testid="import-save-failed"
              >
                {t('imports.result.saveFailed')}
              </Button>
            </section>
          ) : null}
        </>
      )}
      <div className="import-actions">
        <Button
          type="primary"
          onClick={() => void navigate({ to: '/customers', search: {} })}
          data-testid="import-show"
        >
          {t('imports.result.show')}
        </Button>
        <Button onClick={startAnew} data-testid="import-anew">
          {t('imports.result.another')}
        </Button>
        {result.tx && !undone ? <UndoImport tx={result.tx} label={t('imports.result.undo')} /> : null}
      </div>
    </div>
  );
}

/** What was changed after the import and so was left alone. */
function Kept({ undone }: { undone: Undone }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const { kept } = undone;
  if (kept.length === 0) return null;
  return (
    <section className="import-kept">
      <p>{t('imports.result.kept', { count: kept.length })}</p>
      <ul>
        {kept.slice(0, KEPT_SHOWN).map(({ entity, id, title, field }) => {
          const def = catalog.field(entity, field);
          return (
            <li key={`${id} ${field}`}>
              {title} <span className="soft">{def ? catalog.label(def.label) : field}</span>
            </li>
          );
        })}
      </ul>
      {kept.length > KEPT_SHOWN ? (
        <p className="soft">{t('imports.result.keptMore', { count: kept.length - KEPT_SHOWN })}</p>
      ) : null}
    </section>
  );
}
