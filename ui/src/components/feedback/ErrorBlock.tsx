/** An error in place of content: what happened, a way to try again, and the code to copy. */
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { copyText } from '../../transport/platform';
import { TransportError } from '../../transport/transport';
import { errorText } from './error-text';

export function ErrorBlock({ error, onRetry }: { error: unknown; onRetry?(): void }) {
  const { t } = useTranslation();
  const { code } = TransportError.from(error);
  return (
    <div className="error-block" role="alert" data-testid="error">
      <p>{errorText(error)}</p>
      <div className="error-block-actions">
        {onRetry ? (
          <Button onClick={onRetry} data-testid="error-retry">
            {t('common.retry')}
          </Button>
        ) : null}
        <Button type="text" onClick={() => void copyText(code)} title={t('common.copyCode')}>
          {t('common.code', { code })}
        </Button>
      </div>
    </div>
  );
}
