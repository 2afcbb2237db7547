/** Marks of records that the server does not have as they are here. Nothing on a laptop of its own. */
import { ClockCircleOutlined, SyncOutlined } from '@ant-design/icons';
import { createContext, type ReactNode, useContext } from 'react';
import { useTranslation } from 'react-i18next';
import { Dot } from '../../components/grid/Dot';
import { type Unsynced, useUnsynced } from '../../data/sync';

const States = createContext<Unsynced>({});

/** Asks once for all records that a page shows; the marks below it read from here. */
export function UnsyncedOf({ ids, children }: { ids: readonly string[]; children: ReactNode }) {
  return <States value={useUnsynced(ids)}>{children}</States>;
}

const known = (state: string | undefined) =>
  state === 'sent' ? 'sent' : state === undefined ? null : 'waiting';

/** 未同步 or 同步中 as a word, on the page of the record. */
export function UnsyncedChip({ id }: { id: string }) {
  const { t } = useTranslation();
  const state = known(useContext(States)[id]);
  if (!state) return null;
  return (
    <span className={`unsynced-chip ${state}`} data-testid="unsynced">
      {state === 'sent' ? <SyncOutlined aria-hidden /> : <ClockCircleOutlined aria-hidden />}
      {t(`sync.mark.${state}`)}
    </span>
  );
}

/** The same as a dot beside a name in a list. */
export function UnsyncedDot({ id }: { id: string }) {
  const { t } = useTranslation();
  const state = known(useContext(States)[id]);
  return state ? <Dot state={state} label={t(`sync.mark.${state}`)} /> : null;
}
