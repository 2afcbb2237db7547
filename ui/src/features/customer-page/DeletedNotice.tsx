/** Says that a record, or the customer above it, is in the recycle bin, with the way back. */
import { DeleteOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { spellInstant } from '../../components/fields/times';
import { asIds } from '../../components/fields/values';
import { useCatalog } from '../../data/catalog';
import { restoreRecords } from '../../data/writes';
import type { RecordView } from '../../transport/contract';
import { call } from '../../transport/transport';

export function DeletedNotice({ record }: { record: RecordView }) {
  const { t, i18n } = useTranslation();
  const catalog = useCatalog();
  if (record.deleted_at === null) return null;
  const entity = catalog.entityLabel(record.entity);
  const when = spellInstant(record.deleted_at, true, i18n.language);
  return (
    <div className="deleted-notice" role="status" data-testid="deleted">
      <DeleteOutlined />
      <b>{t('customerPage.deleted.title')}</b>
      <span>{t('customerPage.deleted.text', { entity, when })}</span>
      <Button
        size="small"
        type="primary"
        data-testid="deleted-restore"
        onClick={() => void restoreRecords(record.entity, [record.id])}
      >
        {t('common.restore')}
      </Button>
    </div>
  );
}

/** The same about the customer that a contact or an opportunity belongs to. */
export function CustomerDeletedNotice({ record }: { record: RecordView }) {
  const { t } = useTranslation();
  const id = asIds(record.fields.customer)[0];
  const customer = useQuery({
    queryKey: ['record', 'customer', id],
    queryFn: () => call('get', { entity: 'customer', id: id ?? '' }),
    enabled: id !== undefined,
    meta: { entities: ['customer'], ...(id ? { record: id } : {}) },
  }).data;
  if (!customer || customer.deleted_at === null) return null;
  return (
    <div className="deleted-notice" role="status" data-testid="customer-deleted">
      <DeleteOutlined />
      <span>{t('customerPage.deleted.customer', { name: customer.title })}</span>
      <Button size="small" onClick={() => openRecord('customer', customer.id)}>
        {t('customerPage.deleted.look')}
      </Button>
      <Button
        size="small"
        type="primary"
        data-testid="customer-deleted-restore"
        onClick={() => void restoreRecords('customer', [customer.id])}
      >
        {t('customerPage.deleted.restoreCustomer')}
      </Button>
    </div>
  );
}
