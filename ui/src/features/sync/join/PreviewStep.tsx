/** What goes along, and which customers the company seems to have already: merge, or keep both. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { Button, Segmented } from 'antd';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../../data/catalog';
import { useLookSizes } from '../../../theme/theme';
import type { JoinMatch, JoinPreview } from '../../../transport/contract';
import { countsBelow } from '../../transfer/below';
import { chooseMerge, useFlow } from './flow';

const REASONS = ['uscc', 'phone', 'name'] as const;
const ROW = 46;

export function PreviewStep({ preview }: { preview: JoinPreview }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const counts = countsBelow(preview.records, catalog);
  const { matches } = preview;
  const open = matches.filter(({ theirs }) => theirs?.may_merge).map(({ id }) => id);
  return (
    <div className="join-preview">
      <section>
        <h3>{t('join.preview.title')}</h3>
        {counts.length ? (
          <ul className="join-records" data-testid="join-records">
            {counts.map(({ entity, label, count }) => (
              <li key={entity}>{t('join.preview.entity', { entity: label, count })}</li>
            ))}
          </ul>
        ) : (
          <p className="soft">{t('join.preview.nothing')}</p>
        )}
      </section>
      <section>
        {matches.length ? (
          <>
            <header className="block-head">
              <div>
                <h3>{t('join.preview.same', { count: matches.length })}</h3>
                <p className="soft">{t('join.preview.sameHint')}</p>
              </div>
              {open.length > 1 ? (
                <div className="join-all">
                  <Button size="small" onClick={() => chooseMerge(open, true)} data-testid="join-merge-all">
                    {t('join.preview.mergeAll')}
                  </Button>
                  <Button size="small" onClick={() => chooseMerge(open, false)}>
                    {t('join.preview.keepAll')}
                  </Button>
                </div>
              ) : null}
            </header>
            <Matches matches={matches} />
          </>
        ) : (
          <p className="soft">{t('join.preview.noneSame')}</p>
        )}
      </section>
    </div>
  );
}

function Matches({ matches }: { matches: JoinMatch[] }) {
  const { t } = useTranslation();
  const { scale } = useLookSizes();
  const scroller = useRef<HTMLDivElement>(null);
  const height = Math.round(ROW * scale);
  const rows = useVirtualizer({
    count: matches.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
    useFlushSync: false,
  });
  return (
    <div
      ref={scroller}
      className="join-matches"
      role="table"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
      tabIndex={0}
      aria-label={t('join.preview.same', { count: matches.length })}
      aria-rowcount={matches.length + 1}
      data-testid="join-matches"
    >
      <div className="join-match join-match-head" role="row" aria-rowindex={1}>
        {(['mine', 'theirs', 'reason', 'choice'] as const).map((key) => (
          <span key={key} role="columnheader">
            {t(`join.preview.${key}`)}
          </span>
        ))}
      </div>
      <div role="rowgroup" className="join-match-body" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const match = matches[item.index];
          return match ? (
            <Match key={match.id} match={match} index={item.index} top={item.start} height={height} />
          ) : null;
        })}
      </div>
    </div>
  );
}

function Match(props: { match: JoinMatch; index: number; top: number; height: number }) {
  const { match, index, top, height } = props;
  const { t } = useTranslation();
  const merged = useFlow((flow) => flow.merge.has(match.id));
  const reason = REASONS.find((one) => one === match.reason) ?? 'other';
  return (
    <div
      className="join-match"
      role="row"
      aria-rowindex={index + 2}
      style={{ height, transform: `translateY(${top}px)` }}
      data-testid="join-match"
    >
      <span role="cell" title={match.name}>
        {match.name}
      </span>
      <span role="cell" title={match.theirs?.name ?? t('join.preview.hiddenHint')}>
        {match.theirs ? match.theirs.name : <em>{t('join.preview.hidden')}</em>}
      </span>
      <span role="cell" className="soft">
        {t(`join.preview.reasons.${reason}`)}
      </span>
      <span role="cell">
        {match.theirs?.may_merge ? (
          <Segmented
            size="small"
            value={merged ? 'merge' : 'keep'}
            aria-label={t('join.preview.choiceOf', { name: match.name })}
            options={(['merge', 'keep'] as const).map((value) => ({
              value,
              label: <span data-testid={`join-${value}`}>{t(`join.preview.${value}`)}</span>,
            }))}
            onChange={(choice) => chooseMerge([match.id], choice === 'merge')}
          />
        ) : (
          <span
            className="soft"
            title={t(match.theirs ? 'join.preview.readOnlyHint' : 'join.preview.hiddenHint')}
            data-testid="join-kept"
          >
            {t('join.preview.keep')}
          </span>
        )}
      </span>
    </div>
  );
}
