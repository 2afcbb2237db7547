/** Changes that a laptop was not told when it got the record: the server has them (R26). */
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../../components/feedback/error-text';
import { queryClient } from '../../data/client';
import { isUnreached } from '../../data/sync';
import { call } from '../../transport/transport';

const TOLD = new Set<unknown>(['timeline', 'history']);

export function OlderHistory({ entity, id }: { entity: string; id: string }) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<string | null>(null);

  const fetchThem = async () => {
    setBusy(true);
    try {
      const { added } = await call('older_history', { entity, id });
      setSaid(added ? null : t('customerPage.older.none'));
      await queryClient.invalidateQueries({ predicate: ({ queryKey }) => TOLD.has(queryKey[0]) });
    } catch (thrown) {
      setSaid(isUnreached(thrown) ? t('customerPage.older.offline') : errorText(thrown));
    }
    setBusy(false);
  };
  return (
    <>
      <Button type="link" loading={busy} onClick={() => void fetchThem()} data-testid="older-history">
        {t('customerPage.older.fetch')}
      </Button>
      <span className="soft" role="status">
        {said}
      </span>
    </>
  );
}
