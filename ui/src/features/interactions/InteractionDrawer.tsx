/** The quick form over any page; what was typed is not thrown away by a stray click or Esc. */
import { Drawer } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useUnsaved } from '../../app/unsaved';
import { leaving } from '../../components/form/leaving';
import { InteractionForm } from './InteractionForm';
import { type LogRequest, useLogPanel } from './panel';

export function InteractionDrawer() {
  const request = useLogPanel((state) => state.request);
  return request ? <OpenInteraction request={request} /> : null;
}

function OpenInteraction({ request }: { request: LogRequest }) {
  const { t } = useTranslation();
  const close = useLogPanel((state) => state.close);
  const [now] = useState(() => Date.now());
  const [dirty, setDirty] = useState(false);
  const leave = leaving(dirty, close);
  useUnsaved('interaction', dirty);
  const name = request.customer ? request.titles?.[request.customer] : undefined;

  return (
    <Drawer
      open
      size={560}
      title={name ? t('interactions.titleOf', { name }) : t('interactions.title')}
      onClose={() => void leave()}
      mask={{ closable: !dirty }}
      keyboard
      data-testid="log-interaction"
      classNames={{ body: 'record-form-body' }}
    >
      <InteractionForm
        request={request}
        now={now}
        onDirty={setDirty}
        onCancel={() => void leave()}
        onSaved={close}
      />
    </Drawer>
  );
}
