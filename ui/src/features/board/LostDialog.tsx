/** Why an opportunity was lost, asked before it moves: arrows choose, Enter confirms, Esc leaves it where it was. */
import { Modal } from 'antd';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isComposing } from '../../components/keys';
import { useCatalog } from '../../data/catalog';

interface LostDialogProps {
  title: string;
  stage: string;
  onCancel(): void;
  onReason(reason: string): void;
}

const REASONS = 'opportunity.lost_reason';

export function LostDialog({ title, stage, onCancel, onReason }: LostDialogProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const reasons = catalog.options(REASONS).filter((option) => !option.archived);
  const [reason, setReason] = useState<string | null>(reasons[0]?.id ?? null);

  const keyDown = (event: KeyboardEvent) => {
    if (isComposing(event) || event.key !== 'Enter' || !reason) return;
    event.preventDefault();
    onReason(reason);
  };

  return (
    <Modal
      open
      width={420}
      title={t('board.lost.title', { title })}
      okText={t('board.lost.move', { stage })}
      cancelText={t('common.cancel')}
      okButtonProps={{ danger: true, disabled: !reason, ...({ 'data-testid': 'lost-move' } as object) }}
      onOk={() => reason && onReason(reason)}
      onCancel={onCancel}
    >
      <fieldset className="lost-reasons" onKeyDown={keyDown} data-testid="lost-dialog">
        <legend>{t('board.lost.reason')}</legend>
        {reasons.map((option, n) => (
          <label key={option.id}>
            <input
              type="radio"
              name="lost-reason"
              checked={option.id === reason}
              // The first one has the focus, so that the arrows work at once.
              autoFocus={n === 0}
              data-testid={`lost-reason-${n}`}
              onChange={() => setReason(option.id)}
            />
            <span>{catalog.name(option)}</span>
          </label>
        ))}
      </fieldset>
    </Modal>
  );
}
