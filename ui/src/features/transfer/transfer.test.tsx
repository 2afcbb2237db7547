import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openAt } from '../../test/open-at';

const choose = async (select: string, name: string) => {
  fireEvent.mouseDown(await screen.findByTestId(select));
  fireEvent.click(await screen.findByText(name, { selector: '.ant-select-item-option-content' }));
};
const select = async (count: number) => {
  const boxes = await screen.findAllByTestId('grid-row-select');
  for (const box of boxes.slice(0, count)) fireEvent.click(box);
};

describe('customers that go to a colleague', () => {
  it('are chosen in the list, previewed with what goes along, and can be taken back', async () => {
    const { calls } = await openAt('/customers', { sync: 'up_to_date' });
    await select(2);
    fireEvent.click(await screen.findByTestId('bulk-transfer'));
    await choose('transfer-to', '周敏');
    const preview = await screen.findByTestId('transfer-preview');
    expect(preview.textContent).toContain('联系人');
    expect(preview.textContent).toContain('从你的电脑上移除');
    fireEvent.change(screen.getByTestId('transfer-reason'), { target: { value: ' 区域调整 ' } });
    fireEvent.click(screen.getByTestId('transfer-ok'));
    expect(await screen.findByText('已把 2 个客户转给周敏')).toBeTruthy();
    expect(calls.find(({ method }) => method === 'transfer')?.params).toEqual({
      customers: ['customer-0', 'customer-1'],
      to: 'user-2',
      reason: '区域调整',
    });
    expect(screen.getByTestId('toast-undo')).toBeTruthy();
    await waitFor(() => expect(screen.queryByTestId('bulk-transfer')).toBeNull());
  });
});

describe('two customers that are one', () => {
  it('are merged from a selection of exactly two', async () => {
    const { calls } = await openAt('/customers');
    await select(1);
    await screen.findByTestId('bulk-edit');
    expect(screen.queryByTestId('bulk-merge')).toBeNull();
    fireEvent.click((await screen.findAllByTestId('grid-row-select'))[1] as HTMLElement);
    fireEvent.click(await screen.findByTestId('bulk-merge'));
    fireEvent.click(await screen.findByTestId('merge-second'));
    fireEvent.click(screen.getByTestId('merge-ok'));
    await waitFor(() =>
      expect(calls.find(({ method }) => method === 'merge_customers')?.params).toEqual({
        record: 'customer-1',
        other: 'customer-0',
      }),
    );
  });
});

describe('a customer that is shared', () => {
  const openShare = async (sync: 'offline' | 'up_to_date') => {
    const opened = await openAt('/customers/customer-3', { sync });
    fireEvent.click(await screen.findByTestId('customer-more'));
    await act(async () => void fireEvent.click(await screen.findByTestId('customer-share')));
    await screen.findByTestId('share');
    return opened;
  };

  it('needs the server, and says that nothing was changed without it', async () => {
    await openShare('offline');
    expect(screen.getByTestId('share-problem').textContent).toContain('没有改动');
    await choose('share-with', '周敏');
    fireEvent.click(screen.getByTestId('share-ok'));
    await waitFor(() => expect(screen.getByTestId('share-problem').textContent).toContain('请联网后再试'));
  });

  it('is shared with a right to change it', async () => {
    const { calls } = await openShare('up_to_date');
    await choose('share-with', '周敏');
    fireEvent.click(screen.getByText('可修改'));
    fireEvent.click(screen.getByTestId('share-ok'));
    expect(await screen.findByText('已共享给周敏')).toBeTruthy();
    expect(calls.find(({ method }) => method === 'share')?.params).toEqual({
      customer: 'customer-3',
      user: 'user-2',
      level: 'write',
    });
  });

  it('is offered to nobody on a laptop of its own', async () => {
    await openAt('/customers/customer-3');
    fireEvent.click(await screen.findByTestId('customer-more'));
    await screen.findByTestId('customer-edit');
    expect(screen.queryByTestId('customer-share')).toBeNull();
  });
});
