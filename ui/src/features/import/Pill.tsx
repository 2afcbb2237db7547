/** In the top bar while the import page is out of sight: how far the import is, or how it ended. */
import { CheckCircleFilled, ExclamationCircleFilled, LoadingOutlined } from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFlow } from './flow';
import { percentOf, usePhase } from './progress';

export function ImportPill() {
  const { t } = useTranslation();
  const { working, watched, news, result } = useFlow();
  const phase = usePhase(working);
  if (watched) return null;
  let tone: string;
  let icon: ReactNode;
  let text: string;
  if (working && working.kind !== 'opening') {
    const percent = percentOf(working);
    tone = 'working';
    icon = <LoadingOutlined />;
    text = percent === null ? phase : t('imports.pill.working', { what: phase, percent });
  } else if (news === 'done') {
    tone = 'done';
    icon = <CheckCircleFilled />;
    text = result
      ? t('imports.pill.done', { count: result.created + result.updated })
      : t('imports.pill.ready');
  } else if (news === 'refused') {
    tone = 'refused';
    icon = <ExclamationCircleFilled />;
    text = t('imports.pill.refused');
  } else {
    return null;
  }
  return (
    <Link to="/import" className={`import-pill ${tone}`} data-testid="import-pill">
      {icon}
      <span>{text}</span>
    </Link>
  );
}
