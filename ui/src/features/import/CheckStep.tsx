/** The third step: what every row will do, before anything is written. */
import { ReloadOutlined, SafetyCertificateOutlined, SaveOutlined } from '@ant-design/icons';
import { Button, Segmented, Switch, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../data/catalog';
import type {
  DuplicateRule,
  ImportOpened,
  ImportPlanned,
  NewOption,
  RowAction,
} from '../../transport/contract';
import { saveFailedRows } from './failed-rows';
import { apply, checkRows, goTo, readAgain, useFlow } from './flow';
import { PlanRows } from './PlanRows';
import { RefusedNotice } from './RefusedNotice';
import { recordsInOrder } from './records';
import { fieldLabel } from './use-targets';

const ACTIONS: RowAction[] = ['create', 'update', 'skip', 'fail'];
const RULES: DuplicateRule[] = ['skip', 'update', 'create'];

export function CheckStep({ opened, planned }: { opened: ImportOpened; planned: ImportPlanned }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const [only, setOnly] = useState<RowAction | null>(null);
  const writes = planned.create + planned.update;
  const records = recordsInOrder(planned.records);
  return (
    <>
      <div className="import-check">
        <RefusedNotice title={t('imports.refused.apply')} />
        <div className="import-check-head">
          <p className="import-safe" data-testid="import-nothing-yet">
            <SafetyCertificateOutlined /> <b>{t('imports.check.nothingYet')}</b>
            <span className="soft">{t('imports.check.ready', { count: planned.rows })}</span>
          </p>
          <Choices planned={planned} />
        </div>
        <div className="import-cards" role="group" aria-label={t('imports.check.filterLabel')}>
          {[null, ...ACTIONS].map((action) => (
            <button
              key={action ?? 'all'}
              type="button"
              className={`import-card ${action ?? 'all'}`}
              aria-pressed={only === action}
              onClick={() => setOnly(action)}
              data-testid={`import-card-${action ?? 'all'}`}
            >
              <span>{t(`imports.check.${action ?? 'all'}`)}</span>
              <b className="numeric">{t('imports.progress.count', { count: planned[action ?? 'rows'] })}</b>
            </button>
          ))}
        </div>
        {records.length || planned.new_options.length ? (
          <div className="import-news">
            {records.length ? (
              <span>
                <span className="soft">{t('imports.check.records')}</span>
                {records.map(([entity, count]) => (
                  <b key={entity} className="numeric">
                    {t('imports.check.recordCount', { entity: catalog.entityLabel(entity), count })}
                  </b>
                ))}
              </span>
            ) : null}
            <NewOptions options={planned.new_options} />
          </div>
        ) : null}
        <PlanRows key={only ?? 'all'} opened={opened} planned={planned} only={only} />
      </div>
      <footer className="import-foot">
        <Button onClick={() => goTo('columns')} data-testid="import-back">
          {t('common.back')}
        </Button>
        <Tooltip title={t('imports.check.readAgainHint')}>
          <Button icon={<ReloadOutlined />} onClick={() => void readAgain()} data-testid="import-read-again">
            {t('imports.check.readAgain')}
          </Button>
        </Tooltip>
        {planned.fail > 0 ? (
          <Button
            icon={<SaveOutlined />}
            onClick={() => void saveFailedRows(opened)}
            data-testid="import-save-failed"
          >
            {t('imports.check.saveFailed')}
          </Button>
        ) : null}
        <span className="import-foot-note soft">
          {planned.fail > 0 ? t('imports.check.failedNote', { count: planned.fail }) : null}
        </span>
        <Button
          type="primary"
          disabled={writes === 0}
          onClick={() => void apply()}
          data-testid="import-apply"
        >
          {writes ? t('imports.check.apply', { count: writes }) : t('imports.check.nothingToDo')}
        </Button>
      </footer>
    </>
  );
}

/** What the plan was made with; another choice makes it anew. */
function Choices({ planned }: { planned: ImportPlanned }) {
  const { t } = useTranslation();
  const { rule, skipHidden, fillMerged, hasMerged } = useFlow();
  return (
    <div className="import-choices">
      {planned.hidden_rows > 0 ? (
        <Tooltip title={t('imports.check.hiddenHint')}>
          <label className="import-inline" htmlFor="import-skip-hidden">
            <Switch
              id="import-skip-hidden"
              size="small"
              checked={skipHidden}
              onChange={(on) => void checkRows({ skipHidden: on })}
              data-testid="import-skip-hidden"
            />
            {t('imports.check.hidden', { count: planned.hidden_rows })}
          </label>
        </Tooltip>
      ) : null}
      {hasMerged ? (
        <Tooltip title={t('imports.check.mergedHint')}>
          <label className="import-inline" htmlFor="import-fill-merged">
            <Switch
              id="import-fill-merged"
              size="small"
              checked={fillMerged}
              onChange={(on) => void checkRows({ fillMerged: on })}
              data-testid="import-fill-merged"
            />
            {t('imports.check.merged')}
          </label>
        </Tooltip>
      ) : null}
      {planned.columns_left_out > 0 ? (
        <span className="import-inline import-warning" data-testid="import-left-out">
          {t('imports.check.columnsLeftOut', { count: planned.columns_left_out })}
        </span>
      ) : null}
      {planned.characters_replaced > 0 ? (
        <span className="import-inline import-warning" data-testid="import-replaced">
          {t('imports.check.charactersReplaced', { count: planned.characters_replaced })}
        </span>
      ) : null}
      <span className="import-inline">
        <span className="soft" id="import-rule-label">
          {t('imports.rule.short')}
        </span>
        <Segmented<DuplicateRule>
          size="small"
          value={rule}
          options={RULES.map((key) => ({ value: key, label: t(`imports.rule.${key}.name`) }))}
          onChange={(next) => void checkRows({ rule: next })}
          aria-labelledby="import-rule-label"
          data-testid="import-rule"
        />
      </span>
    </div>
  );
}

const SHOWN_OPTIONS = 6;

export function NewOptions({ options, plain = false }: { options: NewOption[]; plain?: boolean }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const [all, setAll] = useState(false);
  if (options.length === 0) return null;
  const rest = options.length - SHOWN_OPTIONS;
  return (
    <span className="import-options" data-testid="import-options">
      {plain ? null : <span className="soft">{t('imports.check.options', { count: options.length })}</span>}
      {options.slice(0, all ? undefined : SHOWN_OPTIONS).map(({ field, name, rows }) => (
        <span key={`${field} ${name}`} className="chip chip-default">
          {t('imports.check.option', { field: fieldLabel(catalog, field), name })}
          <small>{t('imports.check.optionRows', { count: rows })}</small>
        </span>
      ))}
      {rest > 0 ? (
        <Button size="small" type="link" onClick={() => setAll(!all)} aria-expanded={all}>
          {all ? t('imports.check.fewerOptions') : t('imports.check.moreOptions', { count: rest })}
        </Button>
      ) : null}
    </span>
  );
}
