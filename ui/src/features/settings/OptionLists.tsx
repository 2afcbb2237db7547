/** The options of every list that fields choose from. */
import { Button, Input, Select, Tag } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Chip } from '../../components/fields/Chip';
import { isComposing } from '../../components/keys';
import { useCatalog } from '../../data/catalog';
import { addRecord, tried, updateRecord } from '../../data/writes';
import { CHIP_COLORS } from '../../theme/tokens';
import type { OptionView } from '../../transport/contract';

export function OptionLists() {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const [name, setName] = useState('');
  const lists = useMemo(
    () =>
      catalog.view.catalog.entities
        .filter((entity) => !entity.system)
        .flatMap((entity) =>
          entity.fields.flatMap((field) =>
            field.type === 'choice' || field.type === 'multi_choice'
              ? [
                  {
                    value: field.list,
                    label: `${catalog.label(entity.label)} · ${catalog.label(field.label)}`,
                  },
                ]
              : [],
          ),
        ),
    [catalog],
  );
  const [list, setList] = useState(lists[0]?.value ?? '');
  const options = catalog.options(list);

  const add = async () => {
    const given = name.trim();
    if (!given) return;
    const position = options.length;
    if (await tried(addRecord('option', { list, name: given, position }, given))) setName('');
  };

  return (
    <div className="settings-blocks">
      <p className="soft">{t('settings.options.hint')}</p>
      <Select
        className="settings-select"
        value={list}
        options={lists}
        onChange={setList}
        aria-label={t('settings.options.list')}
        data-testid="option-list"
      />
      <ul className="rows" data-testid="options">
        {options.map((option) => (
          <OptionRow key={option.id} option={option} />
        ))}
      </ul>
      <div className="settings-row">
        <Input
          value={name}
          maxLength={100}
          placeholder={t('settings.options.addPlaceholder')}
          aria-label={t('settings.options.add')}
          data-testid="option-name"
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !isComposing(event)) void add();
          }}
        />
        <Button onClick={() => void add()} disabled={!name.trim()} data-testid="option-add">
          {t('settings.options.add')}
        </Button>
      </div>
    </div>
  );
}

function OptionRow({ option }: { option: OptionView }) {
  const { t } = useTranslation();
  const [name, setName] = useState(option.name);
  const [english, setEnglish] = useState(option.name_en);
  const change = (fields: Record<string, string | boolean | null>) =>
    tried(updateRecord('option', option.id, fields, option.name));
  const keep = (key: 'name' | 'name_en', value: string) => {
    const typed = value.trim();
    if (typed === option[key] || (key === 'name' && !typed)) return;
    void change({ [key]: typed || null });
  };
  return (
    <li className={option.archived ? 'archived' : ''}>
      <Input
        variant="borderless"
        value={name}
        aria-label={t('settings.options.name')}
        onChange={(event) => setName(event.target.value)}
        onBlur={() => keep('name', name)}
      />
      <Input
        variant="borderless"
        value={english}
        placeholder={t('settings.options.nameEn')}
        aria-label={t('settings.options.nameEn')}
        onChange={(event) => setEnglish(event.target.value)}
        onBlur={() => keep('name_en', english)}
      />
      <Select
        className="option-color"
        value={option.color}
        aria-label={t('settings.options.color')}
        options={['', ...CHIP_COLORS].map((value) => ({ value, label: value }))}
        optionRender={({ data }) =>
          data.value ? <Chip text={option.name} color={data.value} /> : t('settings.options.noColor')
        }
        labelRender={({ value }) =>
          value ? (
            <Chip text={option.name} color={String(value)} />
          ) : (
            <span>{t('settings.options.noColor')}</span>
          )
        }
        onChange={(color: string) => void change({ color: color || null })}
      />
      {option.archived ? <Tag>{t('settings.options.archived')}</Tag> : null}
      <Button size="small" type="text" onClick={() => void change({ archived: !option.archived })}>
        {t(option.archived ? 'settings.options.restore' : 'settings.options.archive')}
      </Button>
    </li>
  );
}
