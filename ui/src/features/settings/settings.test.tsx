import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openAt } from '../../test/open-at';

const leave = (input: HTMLElement, text: string) => {
  fireEvent.change(input, { target: { value: text } });
  fireEvent.blur(input);
};
const firstName = async (testid: string) =>
  within((await screen.findAllByTestId(testid))[0] as HTMLElement).getByLabelText<HTMLInputElement>('名称');

describe('options', () => {
  it('show the old name again when a new one is undone', async () => {
    await openAt('/settings?section=options');
    const input = await firstName('option-row');
    const before = input.value;
    leave(input, '改过的名称');
    fireEvent.click(await screen.findByTestId('toast-undo'));
    await waitFor(async () => expect((await firstName('option-row')).value).toBe(before));
  });

  it('name their colours in the language of the window', async () => {
    await openAt('/settings?section=options');
    const row = (await screen.findAllByTestId('option-row'))[0] as HTMLElement;
    fireEvent.mouseDown(row.querySelector('.option-color') as HTMLElement);
    expect((await screen.findAllByText('蓝色')).length).toBeGreaterThan(0);
    expect(screen.queryByText('blue')).toBeNull();
  });
});

describe('tags', () => {
  const toTags = async () => {
    const opened = await openAt('/settings?section=options');
    fireEvent.mouseDown(await screen.findByTestId('option-list'));
    fireEvent.click(await screen.findByText('标签', { selector: '.ant-select-item-option-content' }));
    return opened;
  };

  it('are added, renamed, coloured and removed', async () => {
    const { calls } = await toTags();
    fireEvent.change(screen.getByTestId('option-name'), { target: { value: '展会' } });
    fireEvent.click(screen.getByTestId('option-add'));
    await waitFor(() => expect(screen.getByTestId<HTMLInputElement>('option-name').value).toBe(''));
    const { params } = calls.find(({ method }) => method === 'add') as { params: object };
    expect(params).toEqual({ entity: 'tag', fields: { name: '展会' } });
    leave(await screen.findByDisplayValue('展会'), '行业展会');
    await waitFor(() =>
      expect(calls.find(({ method }) => method === 'update')?.params).toMatchObject({
        entity: 'tag',
        fields: { name: '行业展会' },
      }),
    );
    const row = (await screen.findByDisplayValue('行业展会')).closest('li') as HTMLElement;
    expect(within(row).queryByLabelText('英文名称')).toBeNull();
    fireEvent.click(within(row).getByText('移除'));
    await waitFor(() => expect(screen.queryByDisplayValue('行业展会')).toBeNull());
  });
});

describe('one’s own name', () => {
  it('is changed where the preferences are', async () => {
    const { calls } = await openAt('/settings?section=habits');
    const input = await screen.findByTestId<HTMLInputElement>('settings-name');
    leave(input, '  ');
    expect(input.value).not.toBe('  ');
    leave(input, '林知遥');
    await waitFor(() =>
      expect(calls.find(({ method }) => method === 'update')?.params).toMatchObject({
        entity: 'user',
        fields: { name: '林知遥' },
      }),
    );
    await waitFor(() => expect(calls.filter(({ method }) => method === 'status').length).toBeGreaterThan(1));
  });
});

describe('backups', () => {
  it('are read again whenever their page is opened', async () => {
    const { calls } = await openAt('/settings?section=data');
    await screen.findByTestId('backups');
    fireEvent.click(screen.getByTestId('settings-about'));
    await waitFor(() => expect(screen.queryByTestId('backups')).toBeNull());
    fireEvent.click(screen.getByTestId('settings-data'));
    await waitFor(() => expect(calls.filter(({ method }) => method === 'backups')).toHaveLength(2));
  });
});
