/** Draws the dialog that lies open between colleagues, if any. */
import { call } from '../../transport/transport';
import { MergeDialog } from './MergeDialog';
import { useTogether } from './panel';
import { ShareDialog } from './ShareDialog';
import { TransferDialog } from './TransferDialog';

export function TogetherDialogs() {
  const { open, show } = useTogether();
  if (!open) return null;
  const close = () => show(null);
  switch (open.kind) {
    case 'transfer':
      return <TransferDialog customers={open.customers} onDone={open.onDone} onClose={close} />;
    case 'merge':
      return (
        <MergeDialog
          ids={open.ids}
          onClose={close}
          merge={async (record, other) => {
            const merged = await call('merge_customers', { record, other });
            open.onDone?.();
            return [merged];
          }}
        />
      );
    case 'share':
      return <ShareDialog customer={open.customer} name={open.name} owner={open.owner} onClose={close} />;
  }
}
