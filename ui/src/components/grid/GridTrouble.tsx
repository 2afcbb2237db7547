/** A word below the rows where some of them did not come, with a way to ask again. */
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { TransportError } from '../../transport/transport';
import { errorText } from '../feedback/error-text';

export function GridTrouble({ error, onRetry }: { error: TransportError; onRetry(): void }) {
  const { t } = useTranslation();
  return (
    <div className="grid-trouble" role="alert" data-testid="grid-trouble">
      <span>{t('grid.notWhole', { reason: errorText(error) })}</span>
      <Button size="small" onClick={onRetry} data-testid="grid-retry">
        {t('common.retry')}
      </Button>
    </div>
  );
}
