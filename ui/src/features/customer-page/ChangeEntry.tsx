/** One change, with a way to bring any of its old values back. */
import { HistoryOutlined } from '@ant-design/icons';
import { Tooltip } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ValueView } from '../../components/fields/FieldView';
import { isEmpty, type Names } from '../../components/fields/values';
import { isEditableField } from '../../components/grid/GridRow';
import { useAccount } from '../../data/sync';
import { offerUndo, tried } from '../../data/writes';
import type { HistoryEntry, JsonValue } from '../../transport/contract';
import { call } from '../../transport/transport';
import { type ChangeLine, changeLines, changeWords, originWords, valueWords } from './changes';
import { useReadOnly } from './read-only';

const SHOWN = 4;

interface ChangeEntryProps {
  entry: HistoryEntry;
  names: Names;
  /** The record whose page this is. */
  own: string;
  /** Shows the day as well, where no heading does. */
  withDay?: boolean;
}

export function ChangeEntry({ entry, names, own, withDay = false }: ChangeEntryProps) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const lines = changeLines(entry, names);
  const shown = all ? lines : lines.slice(0, SHOWN);
  const origin = originWords(entry.origin, t);
  // On a laptop of its own nothing is ever sent.
  const account = useAccount();
  return (
    <article className="change" data-testid="timeline-change">
      <header>
        <span className="timeline-time numeric">
          {dayjs(entry.at).format(withDay ? 'YYYY-MM-DD HH:mm' : 'HH:mm')}
        </span>
        <span>
          <b>{entry.author_name || t('customerPage.change.someone')}</b> {changeWords(entry, names, t, own)}
        </span>
        {origin ? <small className="change-origin">{origin}</small> : null}
        {account && entry.pending ? <small className="change-pending">{t('sync.mark.waiting')}</small> : null}
      </header>
      {shown.length ? (
        <ul>
          {shown.map((line) => (
            <Line key={line.change.field} line={line} entry={entry} names={names} />
          ))}
        </ul>
      ) : null}
      {lines.length > shown.length ? (
        <button type="button" className="change-more" onClick={() => setAll(true)}>
          {t('customerPage.change.more', { count: lines.length - shown.length })}
        </button>
      ) : null}
    </article>
  );
}

function Line({ line, entry, names }: { line: ChangeLine; entry: HistoryEntry; names: Names }) {
  const { t } = useTranslation();
  const { field, label, change } = line;
  const readOnly = useReadOnly();
  const old = valueWords(field, change.old, names, t);
  const restore = async () => {
    const saved = await tried(
      call('restore_value', { entity: entry.entity, id: entry.record, op: entry.op, field: field.key }),
    );
    if (saved) offerUndo(saved, t('customerPage.change.restored', { field: label, value: old }));
  };
  const value = (of: JsonValue) =>
    isEmpty(of) ? (
      <em>{t('customerPage.change.emptyValue')}</em>
    ) : (
      <ValueView field={field} value={of} names={names} />
    );
  return (
    <li className="change-line" data-testid="change-line">
      <span className="change-field">{label}</span>
      <span className="change-old">{value(change.old)}</span>
      <span className="change-arrow" role="img" aria-label={t('customerPage.change.becomes')}>
        →
      </span>
      <span className="change-new">{value(change.new)}</span>
      {!readOnly && isEditableField(field) && !(field.required && isEmpty(change.old)) ? (
        <Tooltip title={t('customerPage.change.restoreValue')}>
          <button
            type="button"
            className="change-restore"
            aria-label={t('customerPage.change.restoreLabel', { field: label, value: old })}
            data-testid="restore-value"
            onClick={() => void restore()}
          >
            <HistoryOutlined />
          </button>
        </Tooltip>
      ) : null}
    </li>
  );
}
