/** Why a step did not go through, above what can be changed about it. */
import { CloseOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { errorText, unknownCode } from '../../components/feedback/error-text';
import { copyText } from '../../transport/platform';
import { dismissRefusal, useFlow } from './flow';

const CANCELLED = ['cancelled', 'sheet_cancelled'];

export function RefusedNotice({ title }: { title: string }) {
  const { t } = useTranslation();
  const refusal = useFlow((flow) => flow.refusal);
  if (!refusal) return null;
  const cancelled = CANCELLED.includes(refusal.code);
  const code = unknownCode(refusal);
  return (
    <div
      className={`import-notice${cancelled ? '' : ' bad'}`}
      role={cancelled ? 'status' : 'alert'}
      data-testid="import-notice"
    >
      <p>
        {cancelled ? null : <b>{title} </b>}
        {errorText(refusal)}
        {cancelled ? null : <span className="soft"> {t('imports.refused.safe')}</span>}
      </p>
      {code ? (
        <Button size="small" type="text" onClick={() => void copyText(code)} title={t('common.copyCode')}>
          {t('common.code', { code })}
        </Button>
      ) : null}
      <Button
        size="small"
        type="text"
        icon={<CloseOutlined />}
        aria-label={t('common.close')}
        onClick={dismissRefusal}
      />
    </div>
  );
}
