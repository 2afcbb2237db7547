/**
 * What would be lost if it were closed, replaced, or the program ended: typed forms, an import that was prepared.
 * Whoever is about to do that asks here first.
 */
import { useEffect } from 'react';
import { ask } from '../components/feedback/ask';
import { i18n } from '../i18n';

export type Work = 'record' | 'interaction' | 'import' | 'join';

const held = new Map<Work, () => boolean>();

/** For work that lives outside of components. */
export function holdUnsaved(work: Work, isUnsaved: () => boolean): void {
  held.set(work, isUnsaved);
}

/** Says for as long as the component is there whether it holds something unsaved. */
export function useUnsaved(work: Work, dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return;
    holdUnsaved(work, () => true);
    return () => void held.delete(work);
  }, [work, dirty]);
}

export const isUnsaved = (work?: Work): boolean =>
  work ? (held.get(work)?.() ?? false) : [...held.values()].some((unsaved) => unsaved());

/** True once a person agrees to lose what was typed. */
export const mayDiscard = (): Promise<boolean> =>
  ask({
    title: i18n.t('fields.discardTitle'),
    ok: i18n.t('fields.discard'),
    cancel: i18n.t('fields.keepEditing'),
    danger: true,
  });
