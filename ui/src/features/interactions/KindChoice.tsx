/** 拜访, 电话, 微信 …: one of them, chosen with the arrow keys or a click. */

import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../data/catalog';
import type { OptionView } from '../../transport/contract';

interface KindChoiceProps {
  id: string;
  kinds: OptionView[];
  value: string | null;
  onChange(kind: string): void;
}

export function KindChoice({ id, kinds, value, onChange }: KindChoiceProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  return (
    <div role="radiogroup" aria-label={t('interactions.kind')} className="kind-choice" data-testid="log-kind">
      {kinds.map((kind, n) => (
        <label key={kind.id} className={`kind-chip chip-${kind.color || 'default'}`}>
          <input
            type="radio"
            name={id}
            id={n === 0 ? id : undefined}
            checked={kind.id === value}
            data-testid={`log-kind-${n}`}
            onChange={() => onChange(kind.id)}
          />
          <span>{catalog.name(kind)}</span>
        </label>
      ))}
    </div>
  );
}
