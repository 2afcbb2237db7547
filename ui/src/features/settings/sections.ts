/** The sections of the settings, for the page and for the palette that leads to them. */
export const SECTIONS = ['look', 'habits', 'fields', 'options', 'sync', 'data', 'about'] as const;
export type Section = (typeof SECTIONS)[number];
