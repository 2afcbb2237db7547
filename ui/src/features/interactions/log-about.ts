/** Logging an interaction about a record that is chosen in a list. */
import { asIds } from '../../components/fields/values';
import { tried } from '../../data/writes';
import { call } from '../../transport/transport';
import { logInteraction } from './panel';

/** Kinds of record that an interaction can be about. */
export const LOGGED: ReadonlySet<string> = new Set(['customer', 'contact', 'opportunity']);

export async function logAbout(entity: string, id: string): Promise<void> {
  const record = await tried(call('get', { entity, id }));
  if (!record) return;
  const titles = { ...record.titles, [id]: record.title };
  if (entity === 'customer') logInteraction({ customer: id, titles });
  else {
    logInteraction({
      customer: asIds(record.fields.customer)[0],
      titles,
      ...(entity === 'contact' ? { contacts: [id] } : { opportunity: id }),
    });
  }
}
