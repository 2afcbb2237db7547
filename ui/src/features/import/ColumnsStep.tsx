/** The second step: sheet, header row, and where each column of the file goes. */
import { ArrowRightOutlined, FileExcelOutlined, HistoryOutlined } from '@ant-design/icons';
import { Button, Radio, Segmented, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../data/catalog';
import type { DuplicateRule, ImportColumn, ImportOpened } from '../../transport/contract';
import { checkRows, chooseSheet, goTo, setMapping, setRule, useFlow } from './flow';
import { HeaderRows } from './HeaderRows';
import { assign, namesCustomer, takesSeveral } from './mapping';
import { RefusedNotice } from './RefusedNotice';
import { TargetSelect } from './TargetSelect';
import { useTargets } from './use-targets';

export function ColumnsStep({ opened }: { opened: ImportOpened }) {
  const { t } = useTranslation();
  const { mapping, working } = useFlow();
  const mapped = Object.keys(mapping).length;
  // Where nothing was recognised, the header is the first thing to look at.
  const [asked, setAsked] = useState<boolean | null>(null);
  const headerOpen = asked ?? Object.keys(mapping).length === 0;
  const ready = namesCustomer(mapping);
  return (
    <>
      <div className="import-columns">
        <div className="import-main">
          <RefusedNotice title={t('imports.refused.plan')} />
          <FileBar opened={opened} headerOpen={headerOpen} onHeader={() => setAsked(!headerOpen)} />
          {headerOpen ? <HeaderRows opened={opened} /> : null}
          <ColumnList opened={opened} />
        </div>
        <aside className="import-side">
          <Rule />
        </aside>
      </div>
      <footer className="import-foot">
        <Button onClick={() => goTo('file')} data-testid="import-back">
          {t('common.back')}
        </Button>
        <span className="import-foot-note" aria-live="polite">
          {ready ? (
            <span className="soft">
              {t('imports.columns.mapped', { mapped, skipped: opened.columns.length - mapped })}
            </span>
          ) : (
            <span className="bad" data-testid="import-need-customer">
              {t('imports.columns.needCustomer')}
            </span>
          )}
        </span>
        <span className="soft">{t('imports.columns.checkHint')}</span>
        <Button
          type="primary"
          disabled={!ready || working !== null}
          onClick={() => void checkRows()}
          data-testid="import-check"
        >
          {t('imports.columns.check')} <ArrowRightOutlined />
        </Button>
      </footer>
    </>
  );
}

function FileBar({
  opened,
  headerOpen,
  onHeader,
}: {
  opened: ImportOpened;
  headerOpen: boolean;
  onHeader(): void;
}) {
  const { t } = useTranslation();
  const [first, last] = opened.header_rows;
  return (
    <div className="import-filebar">
      <FileExcelOutlined />
      <b title={opened.file}>{opened.file}</b>
      {opened.encoding ? <span className="soft">{opened.encoding.toUpperCase()}</span> : null}
      {opened.sheets.length > 1 ? (
        <label className="import-inline" htmlFor="import-sheet">
          <span className="soft">{t('imports.columns.sheet')}</span>
          <Select
            id="import-sheet"
            value={opened.sheet}
            options={opened.sheets.map(({ name, visible }) => ({
              value: name,
              label: visible ? name : t('imports.columns.hiddenSheet', { name }),
            }))}
            onChange={(sheet: string) => void chooseSheet(sheet)}
            popupMatchSelectWidth={240}
            data-testid="import-sheet"
          />
        </label>
      ) : null}
      <span className="import-inline">
        <span className="soft">{t('imports.columns.header')}</span>
        <span data-testid="import-header-row">
          {first === last
            ? t('imports.columns.headerAt', { row: first })
            : t('imports.columns.headerAtRows', { first, last })}
        </span>
        <Button
          size="small"
          type="link"
          onClick={onHeader}
          aria-expanded={headerOpen}
          data-testid="import-change-header"
        >
          {headerOpen ? t('common.close') : t('imports.columns.changeHeader')}
        </Button>
      </span>
      {opened.remembered ? (
        <span className="import-remembered" data-testid="import-remembered">
          <HistoryOutlined /> {t('imports.columns.remembered')}
        </span>
      ) : null}
    </div>
  );
}

function ColumnList({ opened }: { opened: ImportOpened }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const groups = useTargets();
  const { mapping, movedTo } = useFlow();
  const [only, setOnly] = useState<'all' | 'skipped'>('all');
  // The rows stay where they are while one gives them their fields.
  const [kept, setKept] = useState<ReadonlySet<number>>(new Set());
  const skipped = opened.columns.filter(({ index }) => mapping[index] === undefined);
  const holders = useMemo(() => {
    const names = new Map(opened.columns.map(({ index, name }) => [index, name]));
    return new Map(
      Object.entries(mapping)
        .filter(([, target]) => !takesSeveral(catalog, target))
        .map(([index, target]) => [target, names.get(Number(index)) ?? '']),
    );
  }, [mapping, opened, catalog]);
  const shown = only === 'all' ? opened.columns : opened.columns.filter(({ index }) => kept.has(index));

  const choose = ({ index }: ImportColumn, target: string | null) =>
    setMapping(
      assign(mapping, index, target, (one) => takesSeveral(catalog, one)),
      index,
    );
  return (
    <>
      <div className="import-columns-head">
        <h2>{t('imports.columns.title')}</h2>
        <Segmented<'all' | 'skipped'>
          size="small"
          value={only}
          options={[
            { value: 'all', label: t('imports.columns.showAll', { count: opened.columns.length }) },
            { value: 'skipped', label: t('imports.columns.showSkipped', { count: skipped.length }) },
          ]}
          onChange={(next) => {
            setOnly(next);
            setKept(new Set(skipped.map(({ index }) => index)));
          }}
          data-testid="import-columns-only"
        />
      </div>
      <div className="import-columns-list">
        <table>
          <thead>
            <tr>
              <th scope="col">{t('imports.columns.fileColumn')}</th>
              <th scope="col">{t('imports.columns.samples')}</th>
              <td />
              <th scope="col">{t('imports.columns.target')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((column) => {
              const target = mapping[column.index] ?? null;
              const movedAway = target === null ? movedTo[column.index] : undefined;
              return (
                <tr
                  key={column.index}
                  className={target === null ? 'skipped' : ''}
                  data-testid="import-column"
                >
                  <th scope="row" title={column.name}>
                    {column.name}
                  </th>
                  <td className="import-samples" title={column.samples.join('\n')}>
                    {column.samples.length ? (
                      column.samples.map((sample, at) => <span key={at}>{sample}</span>)
                    ) : (
                      <i>{t('imports.columns.noSamples')}</i>
                    )}
                  </td>
                  <td className="import-arrow" aria-hidden="true">
                    <ArrowRightOutlined />
                  </td>
                  <td className="import-goes">
                    <TargetSelect
                      column={column.name}
                      value={target}
                      groups={groups}
                      holders={holders}
                      onChange={(next) => choose(column, next)}
                    />
                    {movedAway === undefined ? null : (
                      <small className="due" role="status">
                        {t('imports.columns.movedTo', { column: movedAway })}
                      </small>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
        {shown.length === 0 ? <p className="import-empty soft">{t('imports.columns.noneSkipped')}</p> : null}
      </div>
    </>
  );
}

const RULES: DuplicateRule[] = ['skip', 'update', 'create'];

function Rule() {
  const { t } = useTranslation();
  const rule = useFlow((flow) => flow.rule);
  return (
    <section className="import-rule" aria-labelledby="import-rule-title">
      <h2 id="import-rule-title">{t('imports.rule.title')}</h2>
      <p className="soft">{t('imports.rule.text')}</p>
      <Radio.Group
        value={rule}
        onChange={(event) => setRule(event.target.value as DuplicateRule)}
        aria-labelledby="import-rule-title"
      >
        {RULES.map((key) => (
          <Radio key={key} value={key} data-testid={`import-rule-${key}`}>
            <b>{t(`imports.rule.${key}.name`)}</b>
            <span className="soft">{t(`imports.rule.${key}.text`)}</span>
          </Radio>
        ))}
      </Radio.Group>
    </section>
  );
}
