/** All changes of one record, the latest first, each value restorable (UX 9). */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { useNames } from '../../components/fields/FieldView';
import type { Titles } from '../../transport/contract';
import { call } from '../../transport/transport';
import { ChangeEntry } from './ChangeEntry';
import { OlderHistory } from './OlderHistory';

const NO_TITLES: Titles = {};

export function RecordHistory({ entity, id }: { entity: string; id: string }) {
  const { t } = useTranslation();
  const history = useQuery({
    queryKey: ['history', entity, id],
    queryFn: () => call('history', { entity, id }),
    meta: { entities: [entity], record: id },
  });
  const names = useNames(history.data?.titles ?? NO_TITLES);
  if (history.error) return <ErrorBlock error={history.error} onRetry={() => void history.refetch()} />;
  if (!history.data) return null;
  if (!history.data.entries.length && !history.data.older)
    return <p className="block-none">{t('customerPage.change.none')}</p>;
  return (
    <div className="record-history" data-testid="record-history">
      {history.data.entries.map((entry) => (
        <ChangeEntry key={entry.op} entry={entry} names={names} own={id} withDay />
      ))}
      {history.data.older ? (
        <p className="timeline-foot">
          <OlderHistory entity={entity} id={id} />
        </p>
      ) : null}
    </div>
  );
}
