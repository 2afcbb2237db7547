/** Interactions and changes of a customer in one stream, the latest first, loaded as one scrolls (R4, R26). */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { useNames } from '../../components/fields/FieldView';
import type { TimelineEntry, Titles } from '../../transport/contract';
import { call } from '../../transport/transport';
import { logInteraction } from '../interactions/panel';
import { dayHeading } from '../reminders/due';
import { UnsyncedOf } from '../sync/Unsynced';
import { ChangeEntry } from './ChangeEntry';
import { InteractionEntry } from './InteractionEntry';
import { OlderHistory } from './OlderHistory';
import { useReadOnly } from './read-only';

const KINDS = ['all', 'interactions', 'changes'] as const;
type Kind = (typeof KINDS)[number];

export const TIMELINE_PAGE = 30;
const ENTITIES = ['interaction', 'customer', 'contact', 'opportunity', 'participation'] as const;

function useTimeline(customer: string, kind: Kind) {
  return useInfiniteQuery({
    queryKey: ['timeline', customer, kind],
    queryFn: ({ pageParam }) =>
      call('timeline', {
        customer,
        limit: TIMELINE_PAGE,
        ...(pageParam === null ? {} : { before: pageParam }),
        ...(kind === 'all' ? {} : { only: kind }),
      }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    meta: { entities: ENTITIES },
  });
}

interface Day {
  heading: string;
  entries: TimelineEntry[];
}

function byDay(entries: TimelineEntry[]): Day[] {
  const days: Day[] = [];
  for (const entry of entries) {
    const heading = dayHeading(entry.at);
    const last = days.at(-1);
    if (last?.heading === heading) last.entries.push(entry);
    else days.push({ heading, entries: [entry] });
  }
  return days;
}

export function Timeline({ customer }: { customer: string }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Kind>('all');
  const readOnly = useReadOnly();
  const timeline = useTimeline(customer, kind);
  const pages = timeline.data?.pages;
  const titles = useMemo<Titles>(
    () => Object.assign({}, ...(pages ?? []).map((page) => page.titles)),
    [pages],
  );
  const names = useNames(titles);
  const entries = useMemo(() => pages?.flatMap((page) => page.entries) ?? [], [pages]);
  const talks = useMemo(
    () => entries.flatMap((entry) => (entry.type === 'interaction' ? [entry.record.id] : [])),
    [entries],
  );
  const { hasNextPage, isFetching, fetchNextPage } = timeline;
  const foot = useRef<HTMLDivElement>(null);

  // The next page is asked for a screen before its end is reached.
  useEffect(() => {
    const mark = foot.current;
    if (!mark || !hasNextPage || isFetching || !('IntersectionObserver' in window)) return;
    const observer = new IntersectionObserver(
      (seen) => seen.some((one) => one.isIntersecting) && void fetchNextPage(),
      { root: mark.closest('.customer-column'), rootMargin: '0px 0px 400px' },
    );
    observer.observe(mark);
    return () => observer.disconnect();
  }, [hasNextPage, isFetching, fetchNextPage]);

  return (
    <section className="timeline" aria-label={t('customerPage.timeline.title')} data-testid="timeline">
      <header className="block-title">
        <h2>{t('customerPage.timeline.title')}</h2>
        <Segmented<Kind>
          size="small"
          value={kind}
          aria-label={t('customerPage.timeline.filter')}
          options={KINDS.map((value) => ({
            value,
            label: <span data-testid={`timeline-${value}`}>{t(`customerPage.timeline.${value}`)}</span>,
          }))}
          onChange={setKind}
        />
      </header>
      {timeline.error ? <ErrorBlock error={timeline.error} onRetry={() => void timeline.refetch()} /> : null}
      <UnsyncedOf ids={talks}>
        {byDay(entries).map((day) => (
          <section key={day.heading}>
            <h3 className="day-heading">{day.heading}</h3>
            {day.entries.map((entry) =>
              entry.type === 'interaction' ? (
                <InteractionEntry key={entry.record.id} record={entry.record} at={entry.at} names={names} />
              ) : (
                <ChangeEntry key={entry.change.op} entry={entry.change} names={names} own={customer} />
              ),
            )}
          </section>
        ))}
      </UnsyncedOf>
      {pages && !entries.length ? (
        <div className="block-none">
          <p>{t(kind === 'all' ? 'customerPage.timeline.none' : 'customerPage.timeline.noneOfKind')}</p>
          {kind === 'changes' || readOnly ? null : (
            <Button onClick={() => logInteraction()}>{t('customerPage.logInteraction')}</Button>
          )}
        </div>
      ) : null}
      <div ref={foot} className="timeline-foot">
        {hasNextPage ? (
          <Button
            type="link"
            disabled={isFetching}
            onClick={() => void fetchNextPage()}
            data-testid="timeline-more"
          >
            {t('customerPage.timeline.more')}
          </Button>
        ) : pages?.at(-1)?.older ? (
          <OlderHistory entity="customer" id={customer} />
        ) : entries.length ? (
          <span className="soft">{t('customerPage.timeline.end')}</span>
        ) : null}
      </div>
    </section>
  );
}
