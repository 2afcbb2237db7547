/** Beside numbers that colleagues have a part in: until when they are true. Nothing where that is now. */
import { ClockCircleOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { useAsOf } from '../data/sync';
import { showInstantShort } from './fields/times';

export function AsOf() {
  const { t } = useTranslation();
  const at = useAsOf();
  if (at === null) return null;
  return (
    <span
      className="as-of numeric"
      title={t(at === 'part' ? 'sync.asOfPartHint' : 'sync.asOfHint')}
      data-testid="as-of"
    >
      <ClockCircleOutlined aria-hidden />
      {at === 'part' ? t('sync.asOfPart') : t('sync.asOf', { time: showInstantShort(at) })}
    </span>
  );
}
