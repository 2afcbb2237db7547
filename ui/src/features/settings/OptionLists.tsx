/** The options of every list that fields choose from, and the tags, which are a list of the same kind. */
import { Button, Input, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isComposing } from '../../components/keys';
import { useCatalog } from '../../data/catalog';
import { addRecord, tried } from '../../data/writes';
import { type Named, NamedRow } from './NamedRow';

const TAGS = 'tag';

export function OptionLists() {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const [name, setName] = useState('');
  const lists = useMemo(() => {
    const ofFields = catalog.view.catalog.entities
      .filter((entity) => !entity.system)
      .flatMap((entity) =>
        entity.fields.flatMap((field) =>
          field.type === 'choice' || field.type === 'multi_choice'
            ? [{ value: field.list, label: `${catalog.label(entity.label)} · ${catalog.label(field.label)}` }]
            : [],
        ),
      );
    return [...ofFields, ...(catalog.has(TAGS) ? [{ value: TAGS, label: catalog.entityLabel(TAGS) }] : [])];
  }, [catalog]);
  const [list, setList] = useState(lists[0]?.value ?? '');
  const entity = list === TAGS ? 'tag' : 'option';
  const rows: Named[] = entity === 'tag' ? catalog.tags : catalog.options(list);

  const add = async () => {
    const given = name.trim();
    if (!given) return;
    const fields = entity === 'tag' ? { name: given } : { list, name: given, position: rows.length };
    if (await tried(addRecord(entity, fields, given))) setName('');
  };
  const addLabel = t(entity === 'tag' ? 'settings.options.addTag' : 'settings.options.add');

  return (
    <div className="settings-blocks">
      <p className="soft">{t(entity === 'tag' ? 'settings.options.tagHint' : 'settings.options.hint')}</p>
      <Select
        className="settings-select"
        value={list}
        options={lists}
        virtual={false}
        onChange={setList}
        aria-label={t('settings.options.list')}
        data-testid="option-list"
      />
      {rows.length ? null : <p className="soft">{t('settings.options.none')}</p>}
      <ul className="rows" data-testid="options">
        {rows.map((row) => (
          <NamedRow key={row.id} entity={entity} row={row} />
        ))}
      </ul>
      <div className="settings-row">
        <Input
          value={name}
          maxLength={entity === 'tag' ? 40 : 100}
          placeholder={t('settings.options.addPlaceholder')}
          aria-label={addLabel}
          data-testid="option-name"
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !isComposing(event)) void add();
          }}
        />
        <Button onClick={() => void add()} disabled={!name.trim()} data-testid="option-add">
          {addLabel}
        </Button>
      </div>
    </div>
  );
}
