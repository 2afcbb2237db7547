/** The history of one record beside the page. */
import { Drawer } from 'antd';
import { useTranslation } from 'react-i18next';
import { RecordHistory } from './RecordHistory';

export function HistoryDrawer({ entity, id, onClose }: { entity: string; id: string; onClose(): void }) {
  const { t } = useTranslation();
  return (
    <Drawer open size={520} title={t('customerPage.history')} onClose={onClose} data-testid="history-drawer">
      <RecordHistory entity={entity} id={id} />
    </Drawer>
  );
}
