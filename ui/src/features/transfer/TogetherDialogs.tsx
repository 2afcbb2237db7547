/** Draws the dialog that lies open between colleagues, if any. */
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
          after={async (merged) => {
            open.onDone?.();
            return [merged];
          }}
        />
      );
    case 'share':
      return <ShareDialog customer={open.customer} name={open.name} owner={open.owner} onClose={close} />;
  }
}
