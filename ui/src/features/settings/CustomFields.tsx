/** The users' own fields: list, add, rename, archive. They are records of `field_definition`. */
import { PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Segmented, Select, Switch, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorBlock } from '../../components/feedback/ErrorBlock';
import { useCatalog } from '../../data/catalog';
import { addRecord, tried, updateRecord } from '../../data/writes';
import type { JsonValue } from '../../transport/contract';
import { call } from '../../transport/transport';

export const FIELD_TYPES = [
  'text',
  'long_text',
  'number',
  'percent',
  'money',
  'date',
  'instant',
  'choice',
  'multi_choice',
  'boolean',
  'phone',
  'email',
  'url',
  'region',
] as const;
type FieldTypeName = (typeof FIELD_TYPES)[number];

const COLUMNS = ['entity', 'name', 'name_en', 'type', 'required', 'archived'];
const MOST = 200;

interface OwnField {
  id: string;
  entity: string;
  name: string;
  name_en: string;
  type: FieldTypeName;
  required: boolean;
  archived: boolean;
}

const text = (value: JsonValue | undefined) => (typeof value === 'string' ? value : '');

async function listOwnFields(): Promise<OwnField[]> {
  const { view, window } = await call('view_open', {
    entity: 'field_definition',
    columns: COLUMNS,
    limit: MOST,
  });
  void call('view_close', { view }).catch(() => undefined);
  return window.rows.map(({ id, cells }) => ({
    id,
    entity: text(cells[0]),
    name: text(cells[1]),
    name_en: text(cells[2]),
    type: FIELD_TYPES.find((type) => type === cells[3]) ?? 'text',
    required: cells[4] === true,
    archived: cells[5] === true,
  }));
}

export function CustomFields() {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const kinds = catalog.view.catalog.entities.filter(
    (entity) => !entity.system && entity.key !== 'participation',
  );
  const [kind, setKind] = useState(kinds[0]?.key ?? 'customer');
  const [editing, setEditing] = useState<Partial<OwnField> | null>(null);
  const found = useQuery({
    queryKey: ['own_fields'],
    queryFn: listOwnFields,
    meta: { entities: ['field_definition'] },
  });
  const fields = (found.data ?? []).filter((field) => field.entity === kind);

  return (
    <div className="settings-blocks">
      <p className="soft">{t('settings.fields.hint')}</p>
      <div className="settings-row">
        <Segmented
          value={kind}
          options={kinds.map((entity) => ({ value: entity.key, label: catalog.label(entity.label) }))}
          onChange={setKind}
        />
        <span className="topbar-space" />
        <Button
          icon={<PlusOutlined />}
          onClick={() => setEditing({ entity: kind, type: 'text' })}
          data-testid="field-add"
        >
          {t('settings.fields.add')}
        </Button>
      </div>
      {found.error ? <ErrorBlock error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.data && !fields.length ? <p className="soft">{t('settings.fields.none')}</p> : null}
      <ul className="rows" data-testid="own-fields">
        {fields.map((field) => (
          <li key={field.id} className={field.archived ? 'archived' : ''}>
            <b>{catalog.language === 'en' ? field.name_en || field.name : field.name}</b>
            <span className="soft">{t(`settings.fields.types.${field.type}`)}</span>
            {field.required ? <Tag>{t('settings.fields.required')}</Tag> : null}
            {field.archived ? <Tag>{t('settings.fields.archived')}</Tag> : null}
            <span className="topbar-space" />
            <Button size="small" type="text" onClick={() => setEditing(field)}>
              {t('common.edit')}
            </Button>
            <Button
              size="small"
              type="text"
              onClick={() =>
                void tried(
                  updateRecord('field_definition', field.id, { archived: !field.archived }, field.name),
                )
              }
            >
              {t(field.archived ? 'settings.fields.restore' : 'settings.fields.archive')}
            </Button>
          </li>
        ))}
      </ul>
      {editing ? <FieldDialog field={editing} onClose={() => setEditing(null)} /> : null}
    </div>
  );
}

function FieldDialog({ field, onClose }: { field: Partial<OwnField>; onClose(): void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(field.name ?? '');
  const [english, setEnglish] = useState(field.name_en ?? '');
  const [type, setType] = useState<FieldTypeName>(field.type ?? 'text');
  const [required, setRequired] = useState(field.required ?? false);
  const isNew = field.id === undefined;

  const save = async () => {
    const fields = { name: name.trim(), name_en: english.trim() || null, required };
    const saved = await tried(
      field.id
        ? updateRecord('field_definition', field.id, fields, name)
        : addRecord('field_definition', { ...fields, entity: field.entity ?? '', type }, name),
    );
    if (saved) onClose();
  };

  return (
    <Modal
      open
      title={isNew ? t('settings.fields.add') : field.name}
      okText={t('common.save')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: !name.trim() }}
      onOk={save}
      onCancel={onClose}
      width={440}
      data-testid="field-dialog"
    >
      <Form layout="vertical" component="div">
        <Form.Item label={t('settings.fields.name')} required>
          <Input
            autoFocus
            value={name}
            maxLength={60}
            onChange={(event) => setName(event.target.value)}
            data-testid="field-name"
          />
        </Form.Item>
        <Form.Item label={t('settings.fields.nameEn')}>
          <Input value={english} maxLength={60} onChange={(event) => setEnglish(event.target.value)} />
        </Form.Item>
        <Form.Item
          label={t('settings.fields.type')}
          extra={type === 'choice' || type === 'multi_choice' ? t('settings.fields.options') : undefined}
        >
          <Select
            value={type}
            disabled={!isNew}
            options={FIELD_TYPES.map((value) => ({ value, label: t(`settings.fields.types.${value}`) }))}
            onChange={setType}
            data-testid="field-type"
          />
        </Form.Item>
        <Form.Item>
          <label className="settings-switch" htmlFor="field-required">
            <Switch id="field-required" checked={required} onChange={setRequired} />
            {t('settings.fields.required')}
          </label>
        </Form.Item>
      </Form>
    </Modal>
  );
}
