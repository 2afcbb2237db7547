/**
 * Files may be dropped on the window at any time: the window shows that it will take them, and opens them
 * on the import page. The progress of an import is followed here too, whichever page is in sight.
 */
import { FileExcelOutlined } from '@ant-design/icons';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { showToast } from '../../components/feedback/toasts';
import { i18n } from '../../i18n';
import { subscribe } from '../../transport/transport';
import { openFile, showProgress } from './flow';

interface DropWatchProps {
  /** Goes to the import page. */
  onOpen(): void;
  /** Keeps the file for later instead of opening it now. */
  keep?: ((path: string) => void) | undefined;
}

export function DropWatch({ onOpen, keep }: DropWatchProps) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const open = useRef(onOpen);
  open.current = onOpen;
  const keeping = useRef(keep);
  keeping.current = keep;
  useEffect(
    () =>
      subscribe((event) => {
        if (event.type === 'import_progress') showProgress(event);
        else if (event.type === 'files_over') setOver(event.over);
        else if (event.type === 'files_dropped') {
          setOver(false);
          const [first] = event.paths;
          if (!first) return;
          if (event.paths.length > 1) showToast({ text: i18n.t('imports.oneAtATime') });
          if (keeping.current) keeping.current(first);
          else {
            open.current();
            void openFile(first);
          }
        }
      }),
    [],
  );
  if (!over) return null;
  return (
    <div className="drop-over" data-testid="drop-over">
      <div className="drop-over-card">
        <FileExcelOutlined />
        <b>{t('imports.file.dropOver')}</b>
        <span>{t('imports.file.dropOverText')}</span>
      </div>
    </div>
  );
}
