/** Whether the page only shows: what is in the recycle bin is looked at and brought back, not worked on. */
import { createContext, useContext } from 'react';

export const ReadOnly = createContext(false);
export const useReadOnly = () => useContext(ReadOnly);
