import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openRecord } from '../../app/open';
import { usePanels } from '../../app/panels';
import { openAt } from '../../test/open-at';
import { call } from '../../transport/transport';
import { useLogPanel } from '../interactions/panel';

const remove = (entity: string, id: string) => call('remove', { entity, ids: [id] });

describe('the page of a deleted customer', () => {
  it('says so, takes no edits, and brings the customer back', async () => {
    await openAt('/customers/customer-2');
    await screen.findByTestId('log-open');
    await remove('customer', 'customer-2');
    const notice = await screen.findByTestId('deleted');
    expect(notice.textContent).toContain('已删除');
    for (const deed of ['log-open', 'customer-add', 'contacts-add', 'interaction-menu']) {
      expect(screen.queryAllByTestId(deed), deed).toEqual([]);
    }
    expect(within(screen.getByTestId('facts')).queryByText('修改「客户名称」')).toBeNull();
    expect(useLogPanel.getState().inView).toBeNull();
    fireEvent.click(screen.getByTestId('customer-more'));
    await screen.findByTestId('customer-history');
    expect(screen.queryByTestId('customer-remove')).toBeNull();
    fireEvent.click(screen.getByTestId('deleted-restore'));
    expect(await screen.findByTestId('log-open')).toBeTruthy();
    expect(screen.queryByTestId('deleted')).toBeNull();
  });
});

describe('a contact or an opportunity beside the page', () => {
  it('is only looked at once it is deleted', async () => {
    await openAt('/customers');
    openRecord('contact', 'contact-1-0');
    await screen.findByTestId('peek-edit');
    await remove('contact', 'contact-1-0');
    await screen.findByTestId('deleted');
    expect(screen.queryByTestId('peek-edit')).toBeNull();
    expect(within(screen.getByTestId('facts')).queryByText('修改「姓名」')).toBeNull();
  });

  it('tells that its customer is deleted, with the way back', async () => {
    await openAt('/customers');
    await remove('customer', 'customer-1');
    openRecord('contact', 'contact-1-0');
    fireEvent.click(await screen.findByTestId('customer-deleted-restore'));
    await waitFor(() => expect(screen.queryByTestId('customer-deleted')).toBeNull());
    expect((await call('get', { entity: 'customer', id: 'customer-1' })).deleted_at).toBeNull();
  });
});

describe('what the palette opened before', () => {
  it('leaves out what is deleted, and what hangs below a deleted customer', async () => {
    await openAt('/customers', {
      settings: {
        window: {
          recent: [
            { entity: 'contact', id: 'contact-1-0' },
            { entity: 'customer', id: 'customer-1' },
            { entity: 'customer', id: 'customer-2' },
          ],
        },
      },
    });
    const kept = (await call('get', { entity: 'customer', id: 'customer-2' })).title;
    await remove('customer', 'customer-1');
    usePanels.setState({ palette: true });
    await screen.findByText(kept, { selector: '.palette-title' });
    await waitFor(() => {
      const group = screen.getByText('最近打开').closest('[cmdk-group]') as HTMLElement;
      expect(within(group).getAllByRole('option')).toHaveLength(1);
    });
    usePanels.setState({ palette: false });
  });
});
