/** The name of a file without the folders above it, on any system. */
export const fileName = (path: string | null): string => path?.split(/[\\/]/).at(-1) ?? '';
