/** Chooses a list's columns; their order is changed in the head of the list. */
import { TableOutlined } from '@ant-design/icons';
import { Button, Checkbox, Popover, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../data/catalog';
import type { EntityDef } from '../../transport/contract';
import { listFields } from '../fields/system-fields';
import { type ColumnLayout, shownFields } from './layout';

interface ColumnChooserProps {
  entity: EntityDef;
  layout: ColumnLayout;
  onLayout(layout: ColumnLayout): void;
}

export function ColumnChooser({ entity, layout, onLayout }: ColumnChooserProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const shown = shownFields(entity, layout).map((field) => field.key);
  const content = (
    <div className="column-chooser" data-testid="column-chooser">
      <div className="column-chooser-list">
        {listFields(entity).map((field) => (
          <Checkbox
            key={field.key}
            checked={shown.includes(field.key)}
            disabled={shown.length === 1 && shown.includes(field.key)}
            onChange={({ target }) =>
              onLayout({
                ...layout,
                shown: target.checked ? [...shown, field.key] : shown.filter((key) => key !== field.key),
              })
            }
          >
            {catalog.label(field.label)}
          </Checkbox>
        ))}
      </div>
      <div className="column-chooser-foot">
        <label htmlFor="freeze-first">
          <Switch
            id="freeze-first"
            size="small"
            checked={layout.freeze ?? true}
            onChange={(freeze) => onLayout({ ...layout, freeze })}
          />
          {t('grid.freezeFirst')}
        </label>
        <Button type="link" size="small" onClick={() => onLayout({})}>
          {t('grid.resetColumns')}
        </Button>
      </div>
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" title={t('grid.chooseColumns')} content={content}>
      <Button icon={<TableOutlined />} data-testid="columns-open">
        {t('grid.columns')}
      </Button>
    </Popover>
  );
}
