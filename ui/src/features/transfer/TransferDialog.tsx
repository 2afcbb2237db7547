/** Gives customers to a colleague: to whom, what goes along, and what that means for this laptop (R45). */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { useCatalog } from '../../data/catalog';
import { useAccount, useMe } from '../../data/sync';
import { offerUndo, tried } from '../../data/writes';
import { call } from '../../transport/transport';
import { countsBelow } from './below';

const POOL = 'pool';

interface TransferProps {
  customers: string[];
  onDone?: (() => void) | undefined;
  onClose(): void;
}

export function TransferDialog({ customers, onDone, onClose }: TransferProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const account = useAccount();
  const isMe = useMe();
  const [to, setTo] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const heir = to === POOL ? null : to;
  const preview = useQuery({
    queryKey: ['transfer_preview', customers, to],
    queryFn: () => call('transfer_preview', { customers, to: heir }),
    enabled: to !== null,
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const choices = [
    ...catalog.users.map(({ id, name }) => ({
      value: id,
      label: isMe(id) ? `${name} (${t('conflicts.me')})` : name,
    })),
    // A pool needs somebody who assigns from it.
    ...(account ? [{ value: POOL, label: t('transfer.pool') }] : []),
  ];
  const count = customers.length;

  const transfer = async () => {
    if (to === null) return;
    setBusy(true);
    const why = reason.trim() ? { reason: reason.trim() } : {};
    const saved = await tried(call('transfer', { customers, to: heir, ...why }));
    setBusy(false);
    if (!saved) return;
    const name = catalog.nameOf(to) ?? '';
    offerUndo(saved, heir ? t('transfer.done', { count, name }) : t('transfer.donePool', { count }));
    onClose();
    onDone?.();
  };

  const lines = preview.data ? countsBelow(preview.data.below, catalog) : [];
  return (
    <Modal
      open
      width={520}
      title={t('transfer.title', { count })}
      okText={t('transfer.ok')}
      okButtonProps={{ disabled: to === null, ...({ 'data-testid': 'transfer-ok' } as object) }}
      cancelText={t('common.cancel')}
      confirmLoading={busy}
      onOk={() => void transfer()}
      onCancel={onClose}
      data-testid="transfer"
    >
      <Form layout="vertical" component="div">
        <Form.Item label={t('transfer.to')} htmlFor="transfer-to">
          <Select
            id="transfer-to"
            autoFocus
            value={to}
            placeholder={t('transfer.choose')}
            showSearch={{ optionFilterProp: 'label' }}
            options={choices}
            onChange={setTo}
            data-testid="transfer-to"
          />
        </Form.Item>
        <Form.Item label={t('transfer.reason')} htmlFor="transfer-reason" extra={t('transfer.reasonHint')}>
          <Input.TextArea
            id="transfer-reason"
            value={reason}
            rows={2}
            maxLength={500}
            onChange={({ target }) => setReason(target.value)}
            data-testid="transfer-reason"
          />
        </Form.Item>
      </Form>
      {preview.error ? (
        <ErrorBlock error={preview.error} onRetry={() => void preview.refetch()} />
      ) : preview.data ? (
        <div className="transfer-preview" data-testid="transfer-preview" aria-live="polite">
          <h3>{t('transfer.along')}</h3>
          {lines.length ? (
            <ul>
              {lines.map(({ entity, label, count: number }) => (
                <li key={entity}>{t('transfer.below', { entity: label, count: number })}</li>
              ))}
            </ul>
          ) : (
            <p>{t('transfer.nothingBelow')}</p>
          )}
          {preview.data.owned ? (
            <p className="soft">{t('transfer.owned', { count: preview.data.owned })}</p>
          ) : null}
          {account ? (
            <p className={preview.data.leaves ? 'due' : 'soft'}>
              {t(preview.data.leaves ? 'transfer.leaves' : 'transfer.stays')}
            </p>
          ) : null}
        </div>
      ) : null}
    </Modal>
  );
}
