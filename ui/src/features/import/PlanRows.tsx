/** Every row of the plan: its number in the file, what it will do, why, and its cells. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { Tooltip } from 'antd';
import { memo, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { useCatalog } from '../../data/catalog';
import { useLookSizes } from '../../theme/theme';
import type {
  CellIssue,
  ExistingRecord,
  ImportColumn,
  ImportOpened,
  ImportPlanned,
  ImportRow,
  RowAction,
} from '../../transport/contract';
import { useFlow } from './flow';
import { issueLine, issueText } from './issues';
import { usePlanRows } from './use-plan-rows';
import { targetLabel } from './use-targets';

/** What the core gives for a record that is only in the file so far. */
const NOT_THERE_YET = '00000000-0000-0000-0000-000000000000';
const REASONS = ['number', 'uscc', 'name', 'name_phone', 'file'] as const;

interface PlanRowsProps {
  opened: ImportOpened;
  planned: ImportPlanned;
  only: RowAction | null;
}

export function PlanRows({ opened, planned, only }: PlanRowsProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const mapping = useFlow((flow) => flow.mapping);
  const plan = useFlow((flow) => flow.plans);
  const { row: height } = useLookSizes();
  const scroller = useRef<HTMLDivElement>(null);
  const columns = useMemo(
    () => opened.columns.filter(({ index }) => mapping[index] !== undefined),
    [opened, mapping],
  );
  const count = planned[only ?? 'rows'];
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 6,
    useFlushSync: false,
  });
  const first = rows.range?.startIndex ?? 0;
  const rowAt = usePlanRows(
    { import: opened.import, plan, only },
    first,
    Math.min(count - 1, rows.range?.endIndex ?? first),
  );
  if (count === 0) return <p className="import-empty soft">{t('imports.check.none')}</p>;
  return (
    <div
      className="plan-rows"
      ref={scroller}
      role="table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
      tabIndex={0}
      aria-label={t('imports.check.tableLabel')}
      aria-rowcount={count + 1}
      data-testid="plan-rows"
    >
      <div className="plan-row plan-head" role="row" aria-rowindex={1}>
        <div className="plan-fixed">
          <span role="columnheader" className="plan-number">
            {t('imports.check.row')}
          </span>
          <span role="columnheader" className="plan-action">
            {t('imports.check.action')}
          </span>
          <span role="columnheader" className="plan-reasons">
            {t('imports.check.reasons')}
          </span>
        </div>
        {columns.map(({ index, name }) => (
          <span
            key={index}
            role="columnheader"
            className="plan-cell"
            title={targetLabel(catalog, mapping[index] ?? '')}
          >
            {name}
          </span>
        ))}
      </div>
      <div className="plan-body" role="rowgroup" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => (
          <PlanRow
            key={item.key}
            index={item.index}
            top={item.start}
            height={height}
            row={rowAt(item.index)}
            columns={columns}
          />
        ))}
      </div>
    </div>
  );
}

interface PlanRowProps {
  index: number;
  top: number;
  height: number;
  row: ImportRow | undefined;
  columns: ImportColumn[];
}

const PlanRow = memo(function PlanRow({ index, top, height, row, columns }: PlanRowProps) {
  const { t } = useTranslation();
  return (
    <div
      className="plan-row"
      role="row"
      aria-rowindex={index + 2}
      style={{ height, transform: `translateY(${top}px)` }}
      data-testid="plan-row"
    >
      {row ? (
        <>
          <div className="plan-fixed">
            <span role="cell" className="plan-number numeric">
              {row.row}
            </span>
            <span role="cell" className="plan-action">
              <i className={row.action}>{t(`imports.check.${row.action}`)}</i>
            </span>
            <span role="cell" className="plan-reasons">
              <Reasons row={row} />
            </span>
          </div>
          {columns.map(({ index: at }) => (
            <PlanCell
              key={at}
              text={row.cells[at] ?? ''}
              issues={row.issues.filter(({ column }) => column === at)}
            />
          ))}
        </>
      ) : (
        <span className="grid-skeleton" />
      )}
    </div>
  );
});

function PlanCell({ text, issues }: { text: string; issues: CellIssue[] }) {
  if (issues.length === 0) {
    return (
      <span role="cell" className="plan-cell" title={text}>
        {text}
      </span>
    );
  }
  const bad = issues.some(({ warning }) => !warning);
  return (
    <Tooltip title={issues.map(issueText).join('\n')}>
      <span
        role="cell"
        className={`plan-cell ${bad ? 'bad-cell' : 'due-cell'}`}
        {...(bad ? { 'aria-invalid': true } : {})}
        data-testid="plan-bad-cell"
      >
        {text}
      </span>
    </Tooltip>
  );
}

function Reasons({ row }: { row: ImportRow }) {
  const lines = row.issues.map((issue) => ({ text: issueLine(issue, row.cells), warning: issue.warning }));
  return (
    <span className="plan-reason-lines" title={lines.map(({ text }) => text).join('\n')}>
      {lines.map(({ text, warning }, at) => (
        <span key={at} className={warning ? 'due' : 'bad'}>
          {text}
        </span>
      ))}
      {row.existing ? <Existing existing={row.existing} /> : null}
    </span>
  );
}

function Existing({ existing }: { existing: ExistingRecord }) {
  const { t } = useTranslation();
  const { id, title } = existing;
  const reason = REASONS.find((one) => one === existing.reason) ?? 'name';
  return (
    <span className="soft">
      {t(`imports.check.existing.${reason}`)}{' '}
      {id === NOT_THERE_YET ? (
        title
      ) : (
        <button
          type="button"
          className="plan-existing"
          title={t('imports.check.openExisting', { title })}
          onClick={() => openRecord('customer', id)}
          data-testid="plan-existing"
        >
          {title}
        </button>
      )}
    </span>
  );
}
