/** The people and deals of the customer that an interaction is about. */

import type { RecordView, Titles } from '../../transport/contract';
import { useCustomerPage } from '../customer-page/use-customer-page';

interface About {
  name: string | undefined;
  contacts: RecordView[];
  titles: Titles;
}

const NOBODY: About = { name: undefined, contacts: [], titles: {} };

export function useCustomerNames(customer: string | null): About {
  const page = useCustomerPage(customer).data;
  if (!page) return NOBODY;
  const named = [page.customer, ...page.contacts, ...page.opportunities];
  return {
    name: page.customer.title,
    contacts: page.contacts,
    titles: Object.fromEntries(named.map((record) => [record.id, record.title])),
  };
}
