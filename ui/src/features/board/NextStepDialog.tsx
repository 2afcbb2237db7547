/** What happens next in an opportunity that just moved on. */
import { Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isComposing } from '../../components/keys';
import { tried, updateRecord } from '../../data/writes';

export function NextStepDialog({ id, title, onClose }: { id: string; title: string; onClose(): void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const save = async () => {
    const next_step = text.trim();
    if (next_step && !(await tried(updateRecord('opportunity', id, { next_step }, title)))) return;
    onClose();
  };
  return (
    <Modal
      open
      width={460}
      title={t('board.nextStep.title', { title })}
      okText={t('board.nextStep.save')}
      cancelText={t('common.cancel')}
      onOk={save}
      onCancel={onClose}
    >
      <Input
        autoFocus
        value={text}
        maxLength={500}
        autoComplete="off"
        placeholder={t('board.nextStep.hint')}
        aria-label={t('board.writeNextStep')}
        data-testid="next-step"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !isComposing(event)) void save();
        }}
      />
    </Modal>
  );
}
