/** Counts of records in the order that people think of them. */
const ORDER = ['customer', 'contact', 'opportunity', 'interaction', 'reminder'];

export const recordsInOrder = (
  records: Readonly<Record<string, number>>,
): [entity: string, count: number][] =>
  ORDER.flatMap((entity) => (records[entity] ? [[entity, records[entity]]] : []));
