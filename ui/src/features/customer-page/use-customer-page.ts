/** The answer of `customer_page`, shared by the page and by forms that are about its customer. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '../../transport/transport';

/** What the page shows; a change of any of these may change it. */
const SHOWN = ['customer', 'contact', 'opportunity', 'participation', 'reminder', 'interaction'] as const;

export const customerPageQuery = (id: string | null) =>
  queryOptions({
    queryKey: ['customer_page', id],
    queryFn: () => call('customer_page', { id: id ?? '' }),
    enabled: id !== null,
    meta: { entities: SHOWN },
  });

export const useCustomerPage = (id: string | null) => useQuery(customerPageQuery(id));
