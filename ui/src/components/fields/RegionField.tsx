/** 省 / 市 / 区, loaded level by level. */
import { Cascader } from 'antd';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRegion } from '../../data/regions';
import type { JsonValue, RegionView } from '../../transport/contract';
import { call } from '../../transport/transport';
import { isComposing } from '../keys';

interface Node {
  value: string;
  label: string;
  isLeaf: boolean;
  children?: Node[];
}

interface RegionFieldProps {
  value?: JsonValue | undefined;
  onChange?(value: JsonValue): void;
  id?: string;
  autoFocus?: boolean;
  defaultOpen?: boolean;
  status?: 'error' | '';
  disabled?: boolean;
  'aria-label'?: string;
  'data-testid'?: string;
  onKeyDown?(event: KeyboardEvent<HTMLElement>): void;
  onBlur?(): void;
}

const node = (region: RegionView): Node => ({ value: region.code, label: region.name, isLeaf: region.leaf });

// Regions do not change while Ketu runs: one tree for all fields.
let provinces: Node[] = [];

export function RegionField({ value, onChange, onKeyDown, onBlur, ...rest }: RegionFieldProps) {
  const { t } = useTranslation();
  const code = typeof value === 'string' && value ? value : null;
  const region = useRegion(code);
  const [tree, setTree] = useState(provinces);

  useEffect(() => {
    if (provinces.length) return;
    void call('regions', {})
      .then(({ regions }) => {
        provinces = regions.map(node);
        setTree(provinces);
      })
      .catch(() => undefined);
  }, []);

  const load = async (path: Node[]) => {
    const parent = path.at(-1);
    if (!parent || parent.children) return;
    const { regions } = await call('regions', { parent: parent.value });
    parent.children = regions.map(node);
    provinces = [...provinces];
    setTree(provinces);
  };

  return (
    <Cascader<Node>
      {...rest}
      options={tree}
      loadData={(path) => void load(path as Node[]).catch(() => undefined)}
      changeOnSelect
      allowClear
      placeholder={t('fields.choose')}
      // Only the last code is kept; the levels above it are named by the core.
      value={code ? [code] : []}
      displayRender={() => region?.path.join(' / ') ?? code ?? ''}
      onChange={(path) => onChange?.(((path as string[] | undefined)?.at(-1) ?? null) as JsonValue)}
      onBlur={() => onBlur?.()}
      onKeyDown={(event: KeyboardEvent<HTMLElement>) => {
        if (!isComposing(event)) onKeyDown?.(event);
      }}
    />
  );
}
