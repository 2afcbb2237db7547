/** Contacts and opportunities open beside what one is looking at; the address says so, and Back closes it. */
export interface Peek {
  entity: 'contact' | 'opportunity';
  id: string;
}

export function readPeek(text: unknown): Peek | null {
  if (typeof text !== 'string') return null;
  const [entity, id] = text.split(':');
  return (entity === 'contact' || entity === 'opportunity') && id ? { entity, id } : null;
}

export const writePeek = ({ entity, id }: Peek): string => `${entity}:${id}`;
