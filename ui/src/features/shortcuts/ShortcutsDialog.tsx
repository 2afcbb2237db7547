/** Every key of the window, as `?` shows them. */
import { Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { useActions } from '../../app/actions';
import { usePanels } from '../../app/panels';
import { LOCAL_SHORTCUTS, TEAM_SHORTCUTS } from '../../app/shortcuts';
import { Keys } from '../../components/Keys';
import { useAccount } from '../../data/sync';

export function ShortcutsDialog() {
  const open = usePanels((state) => state.shortcuts);
  const setShortcuts = usePanels((state) => state.setShortcuts);
  const { t } = useTranslation();
  return (
    <Modal
      open={open}
      onCancel={() => setShortcuts(false)}
      footer={null}
      width={820}
      title={t('places.shortcuts')}
      destroyOnHidden
    >
      <ShortcutsTable />
    </Modal>
  );
}

function ShortcutsTable() {
  const { t } = useTranslation();
  const actions = useActions().filter((action) => action.keys.length);
  const joined = useAccount() !== null;
  const locals = joined ? [...LOCAL_SHORTCUTS, ...TEAM_SHORTCUTS] : LOCAL_SHORTCUTS;
  const local = (group: 'grid' | 'edit' | 'form' | 'work') => (
    <Group
      title={t(`places.shortcutGroups.${group}`)}
      rows={locals
        .filter((one) => one.group === group)
        .map((one) => ({
          name: t(`places.shortcutNames.${one.name}`),
          keys: one.keys.length ? one.keys : [t('places.keyNames.anyKey')],
        }))}
    />
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach it.
    <section className="shortcuts" data-testid="shortcuts" aria-label={t('places.shortcuts')} tabIndex={0}>
      <div>
        <Group
          title={t('places.shortcutGroups.anywhere')}
          rows={[
            { name: t('places.new'), keys: ['c'] },
            { name: t('lists.search'), keys: ['/'] },
            ...actions.map(({ label, keys }) => ({ name: label, keys })),
          ]}
        />
        {local('form')}
        {local('work')}
      </div>
      <div>
        {local('grid')}
        {local('edit')}
      </div>
    </section>
  );
}

function Group({ title, rows }: { title: string; rows: { name: string; keys: string[] }[] }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl>
        {rows.map(({ name, keys }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {keys.map((one) => (
                <Keys key={one} keys={one} />
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
