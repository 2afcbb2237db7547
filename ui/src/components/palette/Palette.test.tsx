import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router';
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { usePanels } from '../../app/panels';
import { renderInside } from '../../test/render';
import { matchingActions, Palette } from './Palette';

const begin = () => {
  const router = createRouter({
    routeTree: createRootRoute({ component: Palette }),
    history: createMemoryHistory(),
  });
  renderInside(<RouterProvider router={router as never} />);
};

describe('the palette', () => {
  beforeEach(() => usePanels.setState({ palette: true, form: null }));

  it('finds records and opens the chosen one with Enter', async () => {
    begin();
    const input = await screen.findByTestId('palette-input');
    fireEvent.change(input, { target: { value: 'CUST-2026-003' } });
    const hits = await screen.findAllByTestId('palette-hit');
    expect(hits[0]?.getAttribute('data-selected')).toBe('true');
    fireEvent.keyDown(input, { key: 'Enter' });
    expect(usePanels.getState().palette).toBe(false);
    expect(usePanels.getState().form).toMatchObject({ entity: 'customer', id: 'customer-2' });
  });

  it('leaves Enter to the input method while it composes', async () => {
    begin();
    const input = await screen.findByTestId('palette-input');
    fireEvent.change(input, { target: { value: 'CUST-2026-003' } });
    await screen.findAllByTestId('palette-hit');
    fireEvent.keyDown(input, { key: 'Enter', keyCode: 229 });
    expect(usePanels.getState().palette).toBe(true);
  });

  it('does actions and shows their keys', async () => {
    begin();
    const input = await screen.findByTestId('palette-input');
    fireEvent.change(input, { target: { value: '新建联系人' } });
    await waitFor(() => expect(screen.queryByTestId('palette-undo')).toBeNull());
    fireEvent.click(screen.getByTestId('palette-new-contact'));
    expect(usePanels.getState().form).toEqual({ entity: 'contact' });
    usePanels.setState({ palette: true });
    expect((await screen.findByTestId('palette-undo')).textContent).toContain('Ctrl');
  });

  it('says so when nothing fits', async () => {
    begin();
    fireEvent.change(await screen.findByTestId('palette-input'), { target: { value: 'zzzz' } });
    expect(await screen.findByText('没有找到「zzzz」')).toBeTruthy();
  });

  it('finds actions and settings by the sounds of their Chinese names', async () => {
    begin();
    const input = await screen.findByTestId('palette-input');
    expect(screen.queryByTestId('palette-settings-data')).toBeNull();
    for (const [typed, id] of [
      ['xjlxr', 'new-contact'],
      ['cz', 'redo'],
      ['sjybf', 'settings-data'],
      ['备份', 'settings-data'],
      ['hfmy', 'settings-data'],
    ]) {
      fireEvent.change(input, { target: { value: typed } });
      expect(await screen.findByTestId(`palette-${id}`), typed).toBeTruthy();
    }
  });

  it('matches actions by all words in any order', () => {
    const action = {
      id: 'a',
      label: 'New Customer',
      keys: [],
      group: 'actions' as const,
      run: () => undefined,
    };
    expect(matchingActions([action], 'cust new')).toHaveLength(1);
    expect(matchingActions([action], 'cust old')).toHaveLength(0);
  });
});
