import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import { editRecord, newRecord, usePanels } from '../../app/panels';
import { queryClient } from '../../data/client';
import { renderInside } from '../../test/render';
import { call } from '../../transport/transport';
import { AskDialog } from '../feedback/AskDialog';
import { RecordFormDrawer } from './RecordForm';

const field = (key: string) => screen.findByTestId<HTMLInputElement>(`field-${key}`);
const type = async (key: string, text: string) =>
  fireEvent.change(await field(key), { target: { value: text } });

/** The form over a core whose updates are written down. */
const begin = () => {
  const sent: unknown[] = [];
  const page = (
    <>
      <RecordFormDrawer />
      <AskDialog />
    </>
  );
  renderInside(page, {}, (method, params) => {
    if (method === 'update') sent.push((params as { fields: unknown }).fields);
  });
  return sent;
};
const update = (fields: Record<string, unknown>) =>
  act(() => call('update', { entity: 'customer', id: 'customer-1', fields }));

afterEach(() => usePanels.getState().closeForm());

describe('the form of a record that is already there', () => {
  it('begins with what the record says now, not with what was read of it before', async () => {
    const sent = begin();
    const old = await call('get', { entity: 'customer', id: 'customer-1' });
    await update({ phone: '010-66' });
    queryClient.setQueryData(['record', 'customer', 'customer-1'], old);
    act(() => editRecord('customer', 'customer-1'));
    expect((await field('phone')).value).toBe('010-66');
    await type('address', '南山区科苑路 8 号');
    sent.length = 0;
    fireEvent.click(screen.getByTestId('form-save'));
    await waitFor(() => expect(sent).toEqual([{ address: '南山区科苑路 8 号' }]));
  });

  it('takes newer values over into the fields that nobody touched, and sends only the others', async () => {
    const sent = begin();
    act(() => editRecord('customer', 'customer-1'));
    await type('address', '南山区科苑路 8 号');
    await update({ phone: '010-77' });
    await waitFor(async () => expect((await field('phone')).value).toBe('010-77'));
    expect((await field('address')).value).toBe('南山区科苑路 8 号');
    sent.length = 0;
    fireEvent.click(screen.getByTestId('form-save'));
    await waitFor(() => expect(sent).toEqual([{ address: '南山区科苑路 8 号' }]));
  });

  it('sends nothing for a field that was changed and changed back', async () => {
    const sent = begin();
    act(() => editRecord('customer', 'customer-1'));
    const before = (await field('name')).value;
    await type('name', '别的名字');
    await type('name', before);
    await update({ name: '同事改的名字' });
    await waitFor(async () => expect((await field('name')).value).toBe('同事改的名字'));
    sent.length = 0;
    fireEvent.click(screen.getByTestId('form-save'));
    await waitFor(() => expect(screen.queryByTestId('record-form')).toBeNull());
    expect(sent).toEqual([]);
  });
});

describe('a likely duplicate', () => {
  it('is opened in place of the form only after a question when something was typed', async () => {
    begin();
    act(() => newRecord('customer'));
    const { title } = await call('get', { entity: 'customer', id: 'customer-4' });
    await type('name', title);
    const [open] = await screen.findAllByText('打开它');
    if (!open) throw new Error('no duplicate');
    fireEvent.click(open);
    fireEvent.click(await screen.findByTestId('ask-cancel'));
    await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
    expect(usePanels.getState().form?.id).toBeUndefined();
    fireEvent.click(open);
    fireEvent.click(await screen.findByTestId('ask-ok'));
    // Without a page of its own the record opens in its form.
    await waitFor(() => expect(usePanels.getState().form?.id).toBe('customer-4'));
  });
});
