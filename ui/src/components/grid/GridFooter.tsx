/** The foot of the grid: how many, how many selected, and the sums of its amounts. */
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldDef, Sums } from '../../transport/contract';
import { call } from '../../transport/transport';
import { AsOf } from '../AsOf';
import { showMoney, showNumber } from '../fields/amounts';
import type { Names } from '../fields/values';
import type { GridSource } from './source';

interface GridFooterProps {
  source: GridSource | null;
  fields: FieldDef[];
  names: Names;
  /** Grows with every change of the rows, so that the sums follow. */
  version: number;
  selected: number;
}

export function GridFooter({ source, fields, names, version, selected }: GridFooterProps) {
  const { t } = useTranslation();
  const [sums, setSums] = useState<Sums | null>(null);
  const summed = fields.filter((field) => field.type === 'money' || field.type === 'number');
  const keys = summed.map((field) => field.key).join(' ');

  // biome-ignore lint/correctness/useExhaustiveDependencies: the sums of the same view change with its rows
  useEffect(() => {
    if (!source || !keys) {
      setSums(null);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      call('view_sums', { view: source.view, fields: keys.split(' ') })
        .then((answer) => current && setSums(answer))
        // Without sums the list is still whole.
        .catch(() => undefined);
    }, 60);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [source, keys, version]);

  const count = source?.count ?? sums?.count ?? null;
  return (
    <div className="grid-footer">
      <span data-testid="grid-count" aria-live="polite">
        {count === null ? t('grid.counting') : t('grid.count', { count })}
      </span>
      {selected > 0 ? (
        <span className="grid-footer-selected">{t('grid.selected', { count: selected })}</span>
      ) : null}
      <AsOf />
      <span className="grid-footer-sums">
        {summed.map((field) => {
          const byUnit = Object.entries(sums?.sums[field.key] ?? {}).filter(([, sum]) => sum !== 0);
          if (!byUnit.length) return null;
          return (
            <span key={field.key} data-testid={`grid-sum-${field.key}`}>
              {t('grid.sum', { field: names.catalog.label(field.label) })}{' '}
              <b>
                {byUnit
                  .map(([unit, sum]) =>
                    unit
                      ? showMoney([sum, unit], names.catalog.language)
                      : showNumber(sum, names.catalog.language),
                  )
                  .join(' + ')}
              </b>
            </span>
          );
        })}
      </span>
    </div>
  );
}
