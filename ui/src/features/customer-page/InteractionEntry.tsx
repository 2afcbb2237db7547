/** One interaction of the timeline. */
import { DeleteOutlined, EditOutlined, MoreOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { openRecord } from '../../app/open';
import { editRecord } from '../../app/panels';
import { Chip } from '../../components/fields/Chip';
import { asIds, type Names, nameOf } from '../../components/fields/values';
import { removeRecords } from '../../data/writes';
import type { RecordView } from '../../transport/contract';
import { UnsyncedChip } from '../sync/Unsynced';
import { useReadOnly } from './read-only';

export function InteractionEntry({ record, at, names }: { record: RecordView; at: number; names: Names }) {
  const { t } = useTranslation();
  const { fields } = record;
  const readOnly = useReadOnly();
  const kind = names.catalog.option(String(fields.kind ?? ''));
  const people = asIds(fields.contacts).map((id) => nameOf(id, names));
  const opportunity = asIds(fields.opportunity)[0];
  const owner = asIds(fields.owner)[0];
  return (
    <article className="talk" data-testid="timeline-interaction" data-id={record.id}>
      <header>
        <span className="timeline-time numeric">{dayjs(at).format('HH:mm')}</span>
        {kind ? <Chip text={names.catalog.name(kind)} color={kind.color} /> : null}
        {people.length ? (
          <span className="soft">
            {t('customerPage.timeline.with', { names: people.join(names.separator) })}
          </span>
        ) : null}
        <UnsyncedChip id={record.id} />
        {owner ? <span className="talk-owner">{nameOf(owner, names)}</span> : null}
        {readOnly ? null : (
          <Dropdown
            trigger={['click']}
            placement="bottomRight"
            autoFocus
            menu={{
              items: [
                { key: 'edit', icon: <EditOutlined />, label: t('customerPage.timeline.edit') },
                {
                  key: 'remove',
                  icon: <DeleteOutlined />,
                  danger: true,
                  label: t('customerPage.timeline.remove'),
                },
              ],
              onClick: ({ key }) => {
                if (key === 'edit') editRecord('interaction', record.id);
                else void removeRecords('interaction', [record.id]);
              },
            }}
          >
            <Button
              type="text"
              size="small"
              icon={<MoreOutlined />}
              aria-label={t('customerPage.timeline.menu')}
              data-testid="interaction-menu"
            />
          </Dropdown>
        )}
      </header>
      <p className="talk-summary">{String(fields.summary ?? '')}</p>
      {fields.next_step ? (
        <p className="talk-next">{t('customerPage.timeline.nextStep', { text: String(fields.next_step) })}</p>
      ) : null}
      {opportunity ? (
        <button type="button" className="talk-about" onClick={() => openRecord('opportunity', opportunity)}>
          {t('customerPage.timeline.about', { name: nameOf(opportunity, names) })}
        </button>
      ) : null}
    </article>
  );
}
