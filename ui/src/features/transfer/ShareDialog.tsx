/** Lets a colleague see or change one customer. The server does it at once, so it has to be in reach (R65). */
import { Form, Modal, Radio, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../../components/feedback/error-text';
import { showToast } from '../../components/feedback/toasts';
import { useCatalog } from '../../data/catalog';
import { isUnreached, useMe, useSyncStatus } from '../../data/sync';
import { call } from '../../transport/transport';

const LEVELS = ['read', 'write', 'none'] as const;
type Level = (typeof LEVELS)[number];

interface ShareProps {
  customer: string;
  name: string;
  owner: string | null;
  onClose(): void;
}

export function ShareDialog({ customer, name, owner, onClose }: ShareProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const isMe = useMe();
  const status = useSyncStatus();
  const [user, setUser] = useState<string | null>(null);
  const [level, setLevel] = useState<Level>('read');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const colleagues = catalog.users.filter(({ id }) => !isMe(id) && id !== owner);
  const words = (thrown: unknown) => (isUnreached(thrown) ? t('transfer.share.offline') : errorText(thrown));
  // Said before anyone has chosen, since nothing will come of it.
  const shown = problem ?? (status?.phase === 'offline' ? t('transfer.share.offline') : null);

  const share = async () => {
    if (user === null) return;
    setBusy(true);
    setProblem(null);
    try {
      await call('share', { customer, user, ...(level === 'none' ? {} : { level }) });
      const colleague = catalog.nameOf(user) ?? '';
      showToast({
        tone: 'good',
        text: t(level === 'none' ? 'transfer.share.ended' : 'transfer.share.done', { name: colleague }),
      });
      onClose();
    } catch (thrown) {
      setProblem(words(thrown));
    }
    setBusy(false);
  };
  return (
    <Modal
      open
      width={480}
      title={t('transfer.share.title', { name })}
      okText={t('transfer.share.ok')}
      okButtonProps={{ disabled: user === null, ...({ 'data-testid': 'share-ok' } as object) }}
      cancelText={t('common.cancel')}
      confirmLoading={busy}
      onOk={() => void share()}
      onCancel={onClose}
      data-testid="share"
    >
      <p className="soft">{t('transfer.share.text')}</p>
      {shown ? (
        <p className="form-problem" role="alert" data-testid="share-problem">
          {shown}
        </p>
      ) : null}
      <Form layout="vertical" component="div">
        <Form.Item label={t('transfer.share.with')} htmlFor="share-with">
          <Select
            id="share-with"
            autoFocus
            value={user}
            placeholder={t('transfer.choose')}
            showSearch={{ optionFilterProp: 'label' }}
            options={colleagues.map(({ id, name: label }) => ({ value: id, label }))}
            onChange={setUser}
            data-testid="share-with"
          />
        </Form.Item>
        <Form.Item label={t('transfer.share.level')}>
          <Radio.Group
            value={level}
            aria-label={t('transfer.share.level')}
            options={LEVELS.map((value) => ({ value, label: t(`transfer.share.levels.${value}`) }))}
            onChange={({ target }) => setLevel(target.value as Level)}
            data-testid="share-level"
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
