/** Saved views as tabs above a list: each is a filter, an order and a choice of columns. */
import { EllipsisOutlined } from '@ant-design/icons';
import { Button, Dropdown, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ColumnLayout } from '../../components/grid/layout';
import { isComposing } from '../../components/keys';
import type { Filter, Sort } from '../../transport/contract';

export interface SavedView {
  id: string;
  name: string;
  filter?: Filter;
  sort?: Sort[];
  layout?: ColumnLayout;
}

interface ViewTabsProps {
  views: SavedView[];
  current: SavedView | undefined;
  /** Rows of the view that is shown. */
  count: number | null;
  changed: boolean;
  onOpen(id: string | null): void;
  onViews(views: SavedView[]): void;
  onSave(name: string, replace?: string): void;
}

export function ViewTabs({ views, current, count, changed, onOpen, onViews, onSave }: ViewTabsProps) {
  const { t } = useTranslation();
  const [naming, setNaming] = useState<'new' | 'rename' | null>(null);
  const [name, setName] = useState('');
  const ask = (what: 'new' | 'rename') => {
    setName(what === 'rename' ? (current?.name ?? '') : '');
    setNaming(what);
  };
  const named = () => {
    const given = name.trim();
    if (!given) return;
    if (naming === 'rename' && current) {
      onViews(views.map((view) => (view.id === current.id ? { ...view, name: given } : view)));
    } else onSave(given);
    setNaming(null);
  };
  const tab = (id: string | null, label: string) => {
    const here = (current?.id ?? null) === id;
    return (
      <button
        key={id ?? 'all'}
        type="button"
        role="tab"
        aria-selected={here}
        className="view-tab"
        onClick={() => onOpen(id)}
        data-testid={id ? 'view-tab' : 'view-all'}
      >
        {label}
        {here && count !== null ? <small>{count.toLocaleString()}</small> : null}
        {here && changed ? <i title={t('filter.views.changed')} /> : null}
      </button>
    );
  };
  return (
    <div className="view-tabs">
      <div role="tablist" aria-label={t('filter.views.tabs')} className="view-tablist">
        {tab(null, t('filter.views.all'))}
        {views.map((view) => tab(view.id, view.name))}
      </div>
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            { key: 'save', label: t('filter.views.save') },
            ...(current
              ? [
                  { key: 'update', label: t('filter.views.update'), disabled: !changed },
                  { key: 'rename', label: t('filter.views.rename') },
                  { key: 'remove', label: t('filter.views.remove'), danger: true },
                ]
              : []),
          ],
          onClick: ({ key }) => {
            if (key === 'save') ask('new');
            else if (key === 'rename') ask('rename');
            else if (key === 'update' && current) onSave(current.name, current.id);
            else if (key === 'remove' && current) {
              onViews(views.filter((view) => view.id !== current.id));
              onOpen(null);
            }
          },
        }}
      >
        <Button
          type="text"
          size="small"
          icon={<EllipsisOutlined />}
          aria-label={t('filter.views.tabs')}
          data-testid="view-menu"
        />
      </Dropdown>
      <Modal
        open={naming !== null}
        title={t(naming === 'rename' ? 'filter.views.rename' : 'filter.views.save')}
        okText={t('common.save')}
        cancelText={t('common.cancel')}
        okButtonProps={{ disabled: !name.trim() }}
        onOk={named}
        onCancel={() => setNaming(null)}
        destroyOnHidden
        width={400}
      >
        <Input
          autoFocus
          value={name}
          maxLength={40}
          placeholder={t('filter.views.name')}
          aria-label={t('filter.views.name')}
          data-testid="view-name"
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !isComposing(event)) named();
          }}
        />
      </Modal>
    </div>
  );
}
