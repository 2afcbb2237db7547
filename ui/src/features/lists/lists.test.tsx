import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openAt } from '../../test/open-at';
import type { OpenView } from '../../transport/contract';

const FILTER = { field: { field: 'name', test: 'contains', value: '深圳' } };

describe('a list that could not be opened', () => {
  it.each([
    ['with a filter', `/customers?filter=${encodeURIComponent(JSON.stringify(FILTER))}`, FILTER],
    ['without one', '/customers', undefined],
  ])('%s asks for the very same view again', async (_how, address, filter) => {
    let failing = true;
    const { calls } = await openAt(address, {}, (method, params) => {
      if (failing && method === 'view_open' && (params as OpenView).entity === 'customer')
        throw { code: 'database', params: {} };
    });
    const again = await screen.findByTestId('error-retry');
    failing = false;
    fireEvent.click(again);
    expect((await screen.findAllByTestId('grid-row')).length).toBeGreaterThan(0);
    const opened = calls.filter(
      ({ method, params }) => method === 'view_open' && (params as OpenView).entity === 'customer',
    );
    expect((opened.at(-1)?.params as OpenView | undefined)?.filter).toEqual(filter);
    await waitFor(() => expect(screen.queryByTestId('error')).toBeNull());
  });
});
