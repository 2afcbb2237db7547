import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { openFile, setMapping, startAnew, useFlow } from '../features/import/flow';
import { openAt } from '../test/open-at';
import * as platform from '../transport/platform';
import { editRecord, newRecord, usePanels } from './panels';
import { isUnsaved } from './unsaved';

const typed = async (text: string) => {
  const name = await screen.findByTestId<HTMLInputElement>('field-name');
  fireEvent.change(name, { target: { value: text } });
  await waitFor(() => expect(isUnsaved('record')).toBe(true));
};
const name = () => screen.getByTestId<HTMLInputElement>('field-name').value;

describe('a form with unsaved changes', () => {
  beforeEach(() => usePanels.setState({ form: null }));

  it('stays when another form is asked for and a person keeps editing', async () => {
    await openAt('/customers');
    act(() => newRecord('customer'));
    await typed('写了一半');
    act(() => newRecord('customer', { preset: { phone: '0755-1' } }));
    const keep = await screen.findByTestId('ask-cancel');
    await waitFor(() => expect(document.activeElement).toBe(keep));
    fireEvent.click(keep);
    await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
    expect(name()).toBe('写了一半');
  });

  it('gives way once a person agrees, and the new form begins empty', async () => {
    await openAt('/customers');
    act(() => newRecord('customer'));
    await typed('写了一半');
    act(() => newRecord('customer'));
    fireEvent.click(await screen.findByTestId('ask-ok'));
    await waitFor(() => expect(name()).toBe(''));
    expect(isUnsaved()).toBe(false);
  });

  it('is not asked about when it is opened once more, nor when nothing was typed', async () => {
    await openAt('/customers');
    act(() => newRecord('contact'));
    await screen.findByTestId('field-name');
    act(() => editRecord('customer', 'customer-1'));
    await waitFor(() => expect(name()).not.toBe(''));
    await typed('改名');
    act(() => editRecord('customer', 'customer-1'));
    expect(name()).toBe('改名');
    expect(screen.queryByTestId('ask')).toBeNull();
  });
});

describe('the wish to end the program', () => {
  let quit: MockInstance;
  beforeEach(() => {
    quit = vi.spyOn(platform, 'quit').mockResolvedValue();
  });

  it('is followed at once where nothing would be lost', async () => {
    const { tell } = await openAt('/customers');
    act(() => tell({ type: 'quit_asked' }));
    await waitFor(() => expect(quit).toHaveBeenCalledTimes(1));
    expect(screen.queryByTestId('ask')).toBeNull();
  });

  it('waits for an answer while a form is not saved', async () => {
    const { tell } = await openAt('/customers');
    act(() => newRecord('customer'));
    await typed('写了一半');
    act(() => tell({ type: 'quit_asked' }));
    fireEvent.click(await screen.findByTestId('ask-cancel'));
    await waitFor(() => expect(screen.queryByTestId('ask')).toBeNull());
    expect(quit).not.toHaveBeenCalled();
    act(() => tell({ type: 'quit_asked' }));
    fireEvent.click(await screen.findByTestId('ask-ok'));
    await waitFor(() => expect(quit).toHaveBeenCalledTimes(1));
    act(() => usePanels.setState({ form: null }));
  });
});

describe('an import with matched columns', () => {
  beforeEach(() => startAnew());

  it('gives way to another file only when a person agrees', async () => {
    await openAt('/import');
    await openFile('a.xlsx');
    const { mapping } = useFlow.getState();
    const { 0: _, ...rest } = mapping;
    setMapping({ mapping: rest, released: null }, 0);
    expect(isUnsaved('import')).toBe(true);
    let opening = openFile('b.xlsx');
    fireEvent.click(await screen.findByTestId('ask-cancel'));
    await opening;
    expect(useFlow.getState()).toMatchObject({ path: 'a.xlsx', mapping: rest });
    opening = openFile('b.xlsx');
    fireEvent.click(await screen.findByTestId('ask-ok'));
    await opening;
    expect(useFlow.getState()).toMatchObject({ path: 'b.xlsx', step: 'columns' });
  });
});
