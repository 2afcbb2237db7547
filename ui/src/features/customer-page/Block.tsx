/** A titled part of the right column, with its way to add one more. */
import { PlusOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import type { ReactNode } from 'react';
import { useReadOnly } from './read-only';

interface BlockProps {
  title: string;
  count: number;
  addLabel: string;
  onAdd(): void;
  none: string;
  testid: string;
  children?: ReactNode;
}

export function Block({ title, count, addLabel, onAdd, none, testid, children }: BlockProps) {
  const readOnly = useReadOnly();
  return (
    <section className="block" aria-label={title} data-testid={testid}>
      <header className="block-title">
        <h2>
          {title} {count ? <small className="numeric">{count}</small> : null}
        </h2>
        {readOnly ? null : (
          <Tooltip title={addLabel}>
            <Button
              type="text"
              size="small"
              icon={<PlusOutlined />}
              aria-label={addLabel}
              data-testid={`${testid}-add`}
              onClick={onAdd}
            />
          </Tooltip>
        )}
      </header>
      {count ? children : <p className="block-none">{none}</p>}
    </section>
  );
}
