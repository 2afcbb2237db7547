/** Records that may be the same as the one being typed, each with a way to open it. */
import { Alert, Button } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Duplicate, EntityDef, FieldValues } from '../../transport/contract';
import { call } from '../../transport/transport';
import { isEmpty } from '../fields/values';

/** Fields whose values tell a duplicate. */
const TELLING = new Set(['name', 'phone', 'mobile', 'uscc', 'number']);

interface DuplicatesProps {
  entity: EntityDef;
  values: FieldValues;
  except?: string;
  onOpen(entity: string, id: string): void;
}

export function Duplicates({ entity, values, except, onOpen }: DuplicatesProps) {
  const { t } = useTranslation();
  const [found, setFound] = useState<Duplicate[]>([]);
  const telling = JSON.stringify(
    Object.fromEntries(Object.entries(values).filter(([key, value]) => TELLING.has(key) && !isEmpty(value))),
  );
  const ask = useCallback(
    async () =>
      (
        await call('find_duplicates', {
          entity: entity.key,
          fields: JSON.parse(telling),
          ...(except ? { except } : {}),
        })
      ).duplicates,
    [entity.key, telling, except],
  );
  useEffect(() => {
    if (telling === '{}' || (entity.key !== 'customer' && entity.key !== 'contact')) {
      setFound([]);
      return;
    }
    let current = true;
    const timer = setTimeout(() => {
      ask()
        .then((duplicates) => current && setFound(duplicates))
        // The hint is a courtesy: saving checks again.
        .catch(() => current && setFound([]));
    }, 200);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [ask, telling, entity.key]);

  if (!found.length) return null;
  return (
    <Alert
      type="warning"
      className="duplicates"
      data-testid="duplicates"
      title={t('fields.duplicateTitle')}
      description={
        <ul>
          {found.map((one) => (
            <li key={one.id}>
              <span>{one.title}</span>
              <small>
                {t(`fields.duplicateReason.${one.reason as 'phone'}`)}
                {one.owner ? ` · ${t('fields.duplicateOwner', { owner: one.owner })}` : ''}
              </small>
              <Button type="link" size="small" onClick={() => onOpen(one.entity, one.id)}>
                {t('fields.openInstead')}
              </Button>
            </li>
          ))}
        </ul>
      }
    />
  );
}
