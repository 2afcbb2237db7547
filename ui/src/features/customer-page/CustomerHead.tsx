/** The customer's name and standing, and what one does with a customer. */
import {
  ArrowLeftOutlined,
  CopyOutlined,
  DownOutlined,
  EllipsisOutlined,
  MessageOutlined,
  PlusOutlined,
  UpOutlined,
} from '@ant-design/icons';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { Button, Dropdown, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { createRecord } from '../../app/create';
import { editRecord } from '../../app/panels';
import { cameFromList } from '../../app/trail';
import { AsOf } from '../../components/AsOf';
import { showToast } from '../../components/feedback/toasts';
import { useNames, ValueView } from '../../components/fields/FieldView';
import { isEmpty, nameOf } from '../../components/fields/values';
import { Keys } from '../../components/Keys';
import { useCatalog } from '../../data/catalog';
import { useAccount } from '../../data/sync';
import { removeRecords } from '../../data/writes';
import type { RecordView, Titles } from '../../transport/contract';
import { copyText } from '../../transport/platform';
import { logInteraction } from '../interactions/panel';
import { addReminder } from '../reminders/deeds';
import { UnsyncedChip } from '../sync/Unsynced';
import { showTogether } from '../transfer/panel';
import { useReadOnly } from './read-only';

interface CustomerHeadProps {
  customer: RecordView;
  titles: Titles;
  onStep(by: 1 | -1): void;
  onHistory(): void;
}

export function CustomerHead({ customer, titles, onStep, onHistory }: CustomerHeadProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const names = useNames(titles);
  const navigate = useNavigate();
  const router = useRouter();
  const readOnly = useReadOnly();
  const account = useAccount();
  const { fields, id } = customer;
  const owner = typeof fields.owner === 'string' ? fields.owner : null;
  const about = { [id]: customer.title };
  const preset = { customer: id };

  const back = () => {
    if (router.history.canGoBack()) router.history.back();
    else void navigate({ to: '/customers' });
  };
  const remove = async () => {
    if (await removeRecords('customer', [id])) void navigate({ to: '/customers' });
  };
  const copyNumber = async () => {
    if (await copyText(String(fields.number))) showToast({ text: t('common.copied') });
  };
  const chip = (key: string) => {
    const field = catalog.field('customer', key);
    return field && !isEmpty(fields[key]) ? (
      <ValueView field={field} value={fields[key]} names={names} />
    ) : null;
  };

  return (
    <header className="customer-head">
      <Tooltip title={t('common.back')}>
        <Button type="text" icon={<ArrowLeftOutlined />} aria-label={t('common.back')} onClick={back} />
      </Tooltip>
      <div className="customer-name">
        <h1 data-testid="customer-name">{customer.title}</h1>
        <div className="customer-standing">
          {fields.number ? (
            <button
              type="button"
              className="customer-number numeric"
              title={t('customerPage.copyNumber')}
              onClick={() => void copyNumber()}
            >
              {String(fields.number)} <CopyOutlined aria-hidden />
            </button>
          ) : null}
          {chip('level')}
          {chip('lifecycle')}
          {chip('tags')}
          {owner ? (
            <span className="soft">{t('customerPage.owner', { name: nameOf(owner, names) })}</span>
          ) : null}
          <UnsyncedChip id={id} />
          <AsOf />
        </div>
      </div>
      <div className="customer-deeds">
        {cameFromList('customer') ? (
          <span className="customer-steps">
            <Tooltip title={<Labelled text={t('customerPage.previous')} keys="k" />}>
              <Button
                type="text"
                icon={<UpOutlined />}
                aria-label={t('customerPage.previous')}
                onClick={() => onStep(-1)}
              />
            </Tooltip>
            <Tooltip title={<Labelled text={t('customerPage.next')} keys="j" />}>
              <Button
                type="text"
                icon={<DownOutlined />}
                aria-label={t('customerPage.next')}
                data-testid="customer-next"
                onClick={() => onStep(1)}
              />
            </Tooltip>
          </span>
        ) : null}
        {readOnly ? null : (
          <>
            <Button
              type="primary"
              icon={<MessageOutlined />}
              data-testid="log-open"
              onClick={() => logInteraction({ customer: id, titles: about })}
            >
              {t('customerPage.logInteraction')}
            </Button>
            <Dropdown
              trigger={['click']}
              autoFocus
              menu={{
                items: [
                  { key: 'contact', label: t('customerPage.addContact') },
                  { key: 'opportunity', label: t('customerPage.addOpportunity') },
                  { key: 'reminder', label: t('customerPage.addReminder') },
                ].map((item) => ({
                  ...item,
                  label: <span data-testid={`customer-add-${item.key}`}>{item.label}</span>,
                })),
                onClick: ({ key }) => {
                  if (key === 'reminder') addReminder(preset, about);
                  else createRecord(key, { preset, titles: about });
                },
              }}
            >
              <Button icon={<PlusOutlined />} data-testid="customer-add">
                {t('common.add')}
              </Button>
            </Dropdown>
          </>
        )}
        <Dropdown
          trigger={['click']}
          autoFocus
          placement="bottomRight"
          menu={{
            items: [
              ...(readOnly ? [] : [{ key: 'edit', label: t('common.edit') }]),
              { key: 'history', label: t('customerPage.history') },
              ...(readOnly || catalog.users.length < 2
                ? []
                : [{ key: 'transfer', label: t('transfer.menu') }]),
              ...(readOnly || !account ? [] : [{ key: 'share', label: t('transfer.share.menu') }]),
              ...(readOnly ? [] : [{ key: 'remove', label: t('common.delete'), danger: true }]),
            ].map((item) => ({
              ...item,
              label: <span data-testid={`customer-${item.key}`}>{item.label}</span>,
            })),
            onClick: ({ key }) => {
              if (key === 'edit') editRecord('customer', id);
              else if (key === 'history') onHistory();
              else if (key === 'transfer') showTogether({ kind: 'transfer', customers: [id] });
              else if (key === 'share') {
                showTogether({ kind: 'share', customer: id, name: customer.title, owner });
              } else void remove();
            },
          }}
        >
          <Button icon={<EllipsisOutlined />} aria-label={t('common.more')} data-testid="customer-more" />
        </Dropdown>
      </div>
    </header>
  );
}

function Labelled({ text, keys }: { text: string; keys: string }) {
  return (
    <>
      {text} <Keys keys={keys} />
    </>
  );
}
