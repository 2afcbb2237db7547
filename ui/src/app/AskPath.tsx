/** In a browser tab there is no file dialog that gives a path: the path is typed here. */
import { Input, Modal } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isComposing } from '../components/keys';
import { inDesktop, setAskPath } from '../transport/platform';

interface Question {
  title: string;
  answer(path: string | null): void;
}

export function AskPathDialog() {
  const { t } = useTranslation();
  const [question, setQuestion] = useState<Question | null>(null);
  const [path, setPath] = useState('');
  useEffect(() => {
    if (inDesktop) return;
    setAskPath(
      (title, name) =>
        new Promise((answer) => {
          setPath(name);
          setQuestion({ title, answer });
        }),
    );
  }, []);
  const close = (answer: string | null) => {
    question?.answer(answer);
    setQuestion(null);
  };
  return (
    <Modal
      open={question !== null}
      title={question?.title}
      okText={t('common.done')}
      cancelText={t('common.cancel')}
      onOk={() => close(path.trim() || null)}
      onCancel={() => close(null)}
      okButtonProps={{ disabled: !path.trim(), ...({ 'data-testid': 'ask-path-done' } as object) }}
    >
      <Input
        value={path}
        aria-label={t('common.path')}
        placeholder={t('common.path')}
        data-testid="ask-path"
        onChange={(event) => setPath(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !isComposing(event) && path.trim()) close(path.trim());
        }}
      />
    </Modal>
  );
}
