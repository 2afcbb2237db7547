/** 今日, 逾期, 将来, 已完成: reminders worked off from the keyboard until none is left (R28). */
import { PlusOutlined } from '@ant-design/icons';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Button } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createRecord } from '../../app/create';
import { useShortcuts } from '../../app/shortcuts';
import { EmptyState } from '../../components/feedback/EmptyState';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { TabList } from '../../components/TabList';
import type { RecordView } from '../../transport/contract';
import { UnsyncedOf } from '../sync/Unsynced';
import { completeReminder, reopenReminder } from './deeds';
import { dayHeading } from './due';
import { ReminderRow } from './ReminderRow';
import { BUCKETS, type Bucket, SHOWN_REMINDERS, useReminderCounts, useReminders } from './use-reminders';

export function Reminders() {
  const { t } = useTranslation();
  const search = useSearch({ strict: false }) as { tab?: string };
  const navigate = useNavigate();
  const bucket = BUCKETS.find((one) => one === search.tab) ?? 'today';
  const counts = useReminderCounts();
  const go = (tab: Bucket) => void navigate({ to: '/reminders', search: { tab } as never, replace: true });

  return (
    <section className="list reminders" data-testid="reminders" aria-label={t('reminders.title')}>
      <h1 className="sr-only">{t('reminders.title')}</h1>
      <div className="view-tabs">
        <TabList
          items={BUCKETS.map((key) => ({
            key,
            label: t(`reminders.tabs.${key}`),
            ...(key !== 'done' && counts ? { count: counts[key], late: key === 'overdue' } : {}),
          }))}
          current={bucket}
          label={t('reminders.tabsLabel')}
          name="reminders"
          onTab={go}
        />
        <span className="topbar-space" />
        <span className="soft reminders-hint">{t('reminders.hint')}</span>
        <Button icon={<PlusOutlined />} onClick={() => createRecord('reminder')} data-testid="reminders-add">
          {t('reminders.add')}
        </Button>
      </div>
      <ReminderList key={bucket} bucket={bucket} />
    </section>
  );
}

/** Headings by day where a list spans several. */
function byDay(items: RecordView[], bucket: Bucket): { heading: string | null; items: RecordView[] }[] {
  if (bucket === 'today') return [{ heading: null, items }];
  const days: { heading: string | null; items: RecordView[] }[] = [];
  for (const item of items) {
    const heading = dayHeading(Number(bucket === 'done' ? item.fields.done_at : item.fields.due_at));
    const last = days.at(-1);
    if (last?.heading === heading) last.items.push(item);
    else days.push({ heading, items: [item] });
  }
  return days;
}

function ReminderList({ bucket }: { bucket: Bucket }) {
  const { t } = useTranslation();
  const answer = useReminders(bucket);
  const shown = answer.isPlaceholderData ? undefined : answer.data;
  const items = useMemo(() => shown?.items ?? [], [shown]);
  const ids = useMemo(() => items.map(({ id }) => id), [items]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [snoozing, setSnoozing] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  /** Where the chosen one stood, so that its neighbour is chosen when it goes. */
  const place = useRef(0);
  const wantFocus = useRef<string | null>(null);

  const at = items.findIndex((item) => item.id === chosen);
  if (at >= 0) place.current = at;
  const current = items[at];

  const focus = (id: string) =>
    list.current?.querySelector<HTMLElement>(`[data-reminder="${CSS.escape(id)}"]`)?.focus();

  // A reminder that is done or put off leaves the list: the next one takes its place, under the hand.
  useEffect(() => {
    if (!shown || at >= 0 || chosen === null) return;
    const next = items[Math.min(place.current, items.length - 1)];
    setChosen(next?.id ?? null);
    wantFocus.current = next?.id ?? null;
  }, [shown, items, at, chosen]);
  useEffect(() => {
    if (wantFocus.current === null || wantFocus.current !== chosen) return;
    wantFocus.current = null;
    focus(chosen);
  });

  const step = (by: number) => {
    const next = items[at < 0 ? 0 : Math.min(Math.max(at + by, 0), items.length - 1)];
    if (!next) return;
    setChosen(next.id);
    focus(next.id);
  };
  const finish = () => {
    if (!current) return;
    void (bucket === 'done' ? reopenReminder(current) : completeReminder(current));
  };
  const later = () => {
    if (current && bucket !== 'done') setSnoozing(current.id);
  };
  useShortcuts([
    { keys: 'j', inPage: true, run: () => step(1) },
    { keys: 'k', inPage: true, run: () => step(-1) },
    { keys: 'ArrowDown', inPage: true, run: () => step(1) },
    { keys: 'ArrowUp', inPage: true, run: () => step(-1) },
    { keys: 'e', inPage: true, run: finish },
    { keys: 's', inPage: true, run: later },
  ]);

  if (answer.error) return <ErrorBlock error={answer.error} onRetry={() => void answer.refetch()} />;
  if (!shown) return <div className="reminder-list" />;
  if (!items.length) {
    return (
      <EmptyState text={t(`reminders.empty.${bucket}`)}>
        {bucket === 'done' ? null : (
          <Button icon={<PlusOutlined />} onClick={() => createRecord('reminder')}>
            {t('reminders.add')}
          </Button>
        )}
      </EmptyState>
    );
  }
  const now = Date.now();
  return (
    <div
      ref={list}
      className="reminder-list"
      role="region"
      aria-label={t('reminders.list', { bucket: t(`reminders.tabs.${bucket}`) })}
    >
      <UnsyncedOf ids={ids}>
        {byDay(items, bucket).map((day) => (
          <section key={day.heading ?? ''}>
            {day.heading ? <h2 className="day-heading">{day.heading}</h2> : null}
            <ul>
              {day.items.map((reminder) => (
                <ReminderRow
                  key={reminder.id}
                  reminder={reminder}
                  titles={shown.titles}
                  now={now}
                  chosen={reminder.id === chosen}
                  timeOnly={day.heading !== null}
                  snoozing={snoozing === reminder.id}
                  onChoose={() => setChosen(reminder.id)}
                  onSnoozing={(open) => setSnoozing(open ? reminder.id : null)}
                />
              ))}
            </ul>
          </section>
        ))}
      </UnsyncedOf>
      {items.length === SHOWN_REMINDERS ? (
        <p className="soft reminder-more">{t('reminders.more', { count: SHOWN_REMINDERS })}</p>
      ) : null}
    </div>
  );
}
