/** Gives one field of all selected records the same value; the whole is undone by one step back. */
import { Form, Modal, Select } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeText } from '../../components/feedback/error-text';
import { datesRead } from '../../components/fields/DateField';
import { FieldEditor } from '../../components/fields/FieldEditor';
import { unreadable } from '../../components/fields/values';
import { isEditableField } from '../../components/grid/GridRow';
import { useCatalog } from '../../data/catalog';
import { offerUndo, tried } from '../../data/writes';
import type { EntityDef, JsonValue } from '../../transport/contract';
import { call } from '../../transport/transport';

interface BulkEditProps {
  entity: EntityDef;
  ids: string[];
  onClose(): void;
}

export function BulkEdit({ entity, ids, onClose }: BulkEditProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const fields = entity.fields.filter((field) => isEditableField(field) && !field.unique);
  const [key, setKey] = useState(
    fields.find((field) => field.type === 'choice')?.key ?? fields[0]?.key ?? '',
  );
  const [value, setValue] = useState<JsonValue>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  // What a date field has understood by the time that its reading is awaited.
  const latest = useRef(value);
  const set = (next: JsonValue) => {
    latest.current = next;
    setValue(next);
    setProblem(null);
  };
  const field = fields.find((one) => one.key === key);
  const label = catalog.label(entity.label);

  const apply = async () => {
    if (!field) return;
    setBusy(true);
    await datesRead();
    const given = latest.current;
    const wrong = unreadable(field, given);
    if (wrong) {
      setBusy(false);
      setProblem(codeText(wrong));
      return;
    }
    const changes = ids.map((id) => ({ id, fields: { [field.key]: given } }));
    const saved = await tried(call('update_many', { entity: entity.key, changes }));
    setBusy(false);
    if (!saved) return;
    offerUndo(saved, t('common.toast.bulkUpdated', { count: ids.length }));
    onClose();
  };

  return (
    <Modal
      open
      title={t('grid.bulkTitle', { count: ids.length, entity: label })}
      okText={t('grid.bulkApply', { count: ids.length })}
      cancelText={t('common.cancel')}
      onOk={apply}
      onCancel={onClose}
      confirmLoading={busy}
      width={440}
      data-testid="bulk"
    >
      <Form layout="vertical" component="div">
        <Form.Item label={t('grid.bulkField')} htmlFor="bulk-field">
          <Select
            id="bulk-field"
            value={key}
            showSearch={{ optionFilterProp: 'label' }}
            options={fields.map((one) => ({ value: one.key, label: catalog.label(one.label) }))}
            onChange={(next: string) => {
              setKey(next);
              set(null);
            }}
          />
        </Form.Item>
        <Form.Item
          label={t('grid.bulkValue')}
          htmlFor="bulk-value"
          help={problem}
          validateStatus={problem ? 'error' : ''}
        >
          {field ? (
            <FieldEditor
              key={key}
              id="bulk-value"
              field={field}
              value={value}
              onChange={set}
              data-testid="bulk-value"
            />
          ) : null}
        </Form.Item>
      </Form>
    </Modal>
  );
}
