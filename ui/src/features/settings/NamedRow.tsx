/** One option or tag: its names and its colour, each kept when it is left, and its way out of use. */
import { Button, Input, Select, Tag } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Chip } from '../../components/fields/Chip';
import { removeRecords, tried, updateRecord } from '../../data/writes';
import { CHIP_COLORS } from '../../theme/tokens';

export interface Named {
  id: string;
  name: string;
  color: string;
  /** Absent where there is one name only. */
  name_en?: string;
  /** Absent where it is removed rather than archived. */
  archived?: boolean;
}

/** A text of the row; what the core tells, e.g. after an undo, replaces what stands there. */
function Name(props: { value: string; label: string; hint?: string; onKeep(text: string): void }) {
  const { value, label, hint, onKeep } = props;
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <Input
      variant="borderless"
      value={text}
      aria-label={label}
      {...(hint ? { placeholder: hint } : {})}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => {
        const typed = text.trim();
        if (typed !== value) onKeep(typed);
      }}
    />
  );
}

export function NamedRow({ entity, row }: { entity: 'option' | 'tag'; row: Named }) {
  const { t } = useTranslation();
  const change = (fields: Record<string, string | boolean | null>) =>
    void tried(updateRecord(entity, row.id, fields, row.name));
  const colorName = (color: string) =>
    t(`settings.options.colors.${CHIP_COLORS.find((one) => one === color) ?? 'none'}`);
  return (
    <li className={row.archived ? 'archived' : ''} data-testid={`${entity}-row`}>
      <Name
        value={row.name}
        label={t('settings.options.name')}
        // A row without a name stays as it was called.
        onKeep={(name) => name && change({ name })}
      />
      {row.name_en === undefined ? null : (
        <Name
          value={row.name_en}
          label={t('settings.options.nameEn')}
          hint={t('settings.options.nameEn')}
          onKeep={(name_en) => change({ name_en: name_en || null })}
        />
      )}
      <Select
        className="option-color"
        value={row.color}
        aria-label={`${t('settings.options.color')}: ${row.name}`}
        options={['', ...CHIP_COLORS].map((value) => ({ value, label: colorName(value) }))}
        optionRender={({ data, label }) =>
          data.value ? <Chip text={String(label)} color={data.value} /> : label
        }
        labelRender={({ value, label }) =>
          value ? <Chip text={String(label)} color={String(value)} /> : <span>{label}</span>
        }
        onChange={(color: string) => change({ color: color || null })}
      />
      {row.archived ? <Tag>{t('settings.options.archived')}</Tag> : null}
      {row.archived === undefined ? (
        <Button size="small" type="text" onClick={() => void removeRecords(entity, [row.id])}>
          {t('settings.options.remove')}
        </Button>
      ) : (
        <Button size="small" type="text" onClick={() => change({ archived: !row.archived })}>
          {t(row.archived ? 'settings.options.restore' : 'settings.options.archive')}
        </Button>
      )}
    </li>
  );
}
