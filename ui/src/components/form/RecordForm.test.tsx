import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { useCatalog } from '../../data/catalog';
import { renderInside } from '../../test/render';
import type { FieldValues } from '../../transport/contract';
import { call } from '../../transport/transport';
import { Toasts } from '../feedback/Toasts';
import { RecordForm } from './RecordForm';

const saved = vi.fn();

function Form({ entity, id, initial = {} }: { entity: string; id?: string; initial?: FieldValues }) {
  const def = useCatalog().entity(entity);
  return (
    <>
      <RecordForm
        entity={def}
        {...(id ? { id } : {})}
        initial={initial}
        titles={{}}
        onCancel={() => undefined}
        onOpenInstead={() => undefined}
        onSaved={saved}
      />
      <Toasts />
    </>
  );
}

const type = (testid: string, text: string) =>
  fireEvent.change(screen.getByTestId(testid), { target: { value: text } });

describe('the record form', () => {
  it('draws a field for everything a person may fill in, and marks what is required', async () => {
    renderInside(<Form entity="customer" />);
    expect(await screen.findByTestId('field-name')).toBeTruthy();
    expect(screen.queryByTestId('field-number')).toBeNull();
    expect(screen.getByText('客户名称').className).toContain('required');
    expect(document.activeElement).toBe(screen.getByTestId('field-name'));
  });

  it('stands at the missing field and says so', async () => {
    renderInside(<Form entity="customer" />);
    fireEvent.click(await screen.findByTestId('form-save'));
    expect(await screen.findByText('必填')).toBeTruthy();
    expect(saved).not.toHaveBeenCalled();
  });

  it('shows what the core refuses at its field', async () => {
    renderInside(<Form entity="customer" />);
    await screen.findByTestId('field-name');
    type('field-name', '某某公司');
    type('field-uscc', '123');
    fireEvent.click(screen.getByTestId('form-save'));
    expect(await screen.findByText('统一社会信用代码应为 18 位')).toBeTruthy();
  });

  it('saves with Ctrl+Enter, once, and offers to undo', async () => {
    saved.mockClear();
    renderInside(<Form entity="customer" />);
    await screen.findByTestId('field-name');
    type('field-name', '长风仪表有限公司');
    const field = screen.getByTestId('field-name');
    fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
    fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
    await waitFor(() => expect(saved).toHaveBeenCalledTimes(1));
    expect(await screen.findByTestId('toast-undo')).toBeTruthy();
    const made = await call('get', { entity: 'customer', id: saved.mock.calls[0]?.[0] as string });
    // Who makes a customer owns it.
    expect(made.fields).toMatchObject({ name: '长风仪表有限公司', owner: 'user-me' });
  });

  it('does not save while an input method composes', async () => {
    saved.mockClear();
    renderInside(<Form entity="customer" />);
    await screen.findByTestId('field-name');
    type('field-name', '长风');
    fireEvent.keyDown(screen.getByTestId('field-name'), { key: 'Enter', ctrlKey: true, keyCode: 229 });
    await act(() => Promise.resolve());
    expect(saved).not.toHaveBeenCalled();
  });

  it('sends only what was changed', async () => {
    const sent: unknown[] = [];
    renderInside(
      <Form entity="customer" id="customer-1" initial={{ name: '旧名', phone: '010-1' }} />,
      {},
      (method, params) => {
        if (method === 'update') sent.push(params);
      },
    );
    await screen.findByTestId('field-name');
    type('field-phone', '010-2');
    fireEvent.click(screen.getByTestId('form-save'));
    await waitFor(() =>
      expect(sent).toEqual([{ entity: 'customer', id: 'customer-1', fields: { phone: '010-2' } }]),
    );
  });

  it('refuses an amount that cannot be read, at its field, and sends nothing', async () => {
    const sent: unknown[] = [];
    renderInside(
      <Form entity="customer" id="customer-1" initial={{ name: '旧名', annual_value: [100, 'CNY'] }} />,
      {},
      (method, params) => method === 'update' && sent.push(params),
    );
    await screen.findByTestId('field-name');
    type('field-annual_value', '1.2万5');
    fireEvent.click(screen.getByTestId('form-save'));
    expect(await screen.findByText('不是有效的金额')).toBeTruthy();
    type('field-annual_value', '1.25万');
    fireEvent.click(screen.getByTestId('form-save'));
    await waitFor(() => expect(sent).toMatchObject([{ fields: { annual_value: [1_250_000, 'CNY'] } }]));
  });

  it('warns of a likely duplicate while a name is typed', async () => {
    renderInside(<Form entity="customer" />);
    await screen.findByTestId('field-name');
    const { title } = await call('get', { entity: 'customer', id: 'customer-4' });
    type('field-name', title);
    const warning = await screen.findByTestId('duplicates');
    expect(warning.textContent).toContain(title);
    expect(warning.textContent).toContain('打开它');
  });

  it('begins a deal at the first stage of its pipeline', async () => {
    saved.mockClear();
    renderInside(<Form entity="opportunity" initial={{ customer: 'customer-1' }} />);
    await screen.findByTestId('field-name');
    type('field-name', '二期扩建');
    fireEvent.click(screen.getByTestId('form-save'));
    await waitFor(() => expect(saved).toHaveBeenCalled());
    const made = await call('get', { entity: 'opportunity', id: saved.mock.calls[0]?.[0] as string });
    expect(made.fields).toMatchObject({
      pipeline: 'pipeline-project',
      stage: 'stage-project-0',
      probability: 10,
    });
  });
});
