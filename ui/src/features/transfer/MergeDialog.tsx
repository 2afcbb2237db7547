/** Makes one customer out of two: which one stays, seen side by side (R35). */
import { useQueries } from '@tanstack/react-query';
import { Modal, Radio } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { useNames, ValueView } from '../../components/fields/FieldView';
import { isEmpty } from '../../components/fields/values';
import { useCatalog } from '../../data/catalog';
import { offerUndo, tried } from '../../data/writes';
import type { RecordView, Saved } from '../../transport/contract';
import { call } from '../../transport/transport';

interface MergeProps {
  /** The first one stays unless somebody chooses otherwise. */
  ids: [string, string];
  onClose(): void;
  /** Does it; answers all steps, so that one undo takes them all back. */
  merge(kept: string, gone: string): Promise<Saved[]>;
}

export function MergeDialog({ ids, onClose, merge }: MergeProps) {
  const { t } = useTranslation();
  const [kept, setKept] = useState(ids[0]);
  const [busy, setBusy] = useState(false);
  const answers = useQueries({
    queries: ids.map((id) => ({
      queryKey: ['record', 'customer', id],
      queryFn: () => call('get', { entity: 'customer', id }),
      meta: { entities: ['customer'], record: id },
    })),
  });
  const [first, second] = answers.map(({ data }) => data);
  const failed = answers.find(({ error }) => error !== null);
  const go = async () => {
    const gone = ids.find((id) => id !== kept) ?? ids[1];
    const survivor = kept === first?.id ? first : second;
    setBusy(true);
    const steps = await tried(merge(kept, gone));
    if (steps) {
      offerUndo(steps, t('transfer.merge.done', { name: survivor?.title ?? '' }));
      onClose();
    }
    setBusy(false);
  };
  return (
    <Modal
      open
      width={760}
      title={t('transfer.merge.title')}
      okText={t('transfer.merge.ok')}
      okButtonProps={{
        disabled: !first || !second,
        ...({ 'data-testid': 'merge-ok' } as object),
      }}
      cancelText={t('common.cancel')}
      confirmLoading={busy}
      onOk={() => void go()}
      onCancel={onClose}
      data-testid="merge"
    >
      <p className="soft">{t('transfer.merge.text')}</p>
      {failed ? <ErrorBlock error={failed.error} onRetry={() => void failed.refetch()} /> : null}
      {first && second ? <Sides sides={[first, second]} kept={kept} onKeep={setKept} /> : null}
    </Modal>
  );
}

function Sides(props: { sides: [RecordView, RecordView]; kept: string; onKeep(id: string): void }) {
  const { sides, kept, onKeep } = props;
  const { t } = useTranslation();
  const catalog = useCatalog();
  const [a, b] = sides;
  const names = useNames({ ...a.titles, ...b.titles });
  const fields = catalog
    .entity('customer')
    .fields.filter(
      ({ key }) =>
        JSON.stringify(a.fields[key] ?? null) !== JSON.stringify(b.fields[key] ?? null) &&
        !(isEmpty(a.fields[key]) && isEmpty(b.fields[key])),
    );
  return (
    <>
      <div className="merge-table">
        <table data-testid="merge-sides">
          <thead>
            <tr>
              <td />
              {sides.map((side) => (
                <th key={side.id} scope="col" className={side.id === kept ? 'kept' : ''}>
                  <Radio
                    checked={side.id === kept}
                    onChange={() => onKeep(side.id)}
                    data-testid={side.id === a.id ? 'merge-first' : 'merge-second'}
                  >
                    {t('transfer.merge.keep', { name: side.title })}
                  </Radio>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {fields.map((field) => (
              <tr key={field.key}>
                <th scope="row">{catalog.label(field.label)}</th>
                {sides.map((side) => (
                  <td key={side.id} className={side.id === kept ? 'kept' : ''}>
                    <ValueView field={field} value={side.fields[field.key]} names={names} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="soft">{t(fields.length ? 'transfer.merge.differs' : 'transfer.merge.same')}</p>
    </>
  );
}
