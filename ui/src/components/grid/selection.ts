/** Which rows are selected: some ids, or all of the view but some. */
export interface Selection {
  /** With `all`, `ids` are the exceptions. */
  all: boolean;
  ids: ReadonlySet<string>;
  /** Row from which a range extends. */
  anchor: number | null;
}

export const NOTHING: Selection = { all: false, ids: new Set(), anchor: null };
export const EVERYTHING: Selection = { all: true, ids: new Set(), anchor: null };

export const isSelected = (selection: Selection, id: string): boolean =>
  selection.all !== selection.ids.has(id);

export const selectedCount = (selection: Selection, count: number): number =>
  selection.all ? Math.max(0, count - selection.ids.size) : selection.ids.size;

export function toggled(selection: Selection, id: string, index: number): Selection {
  const ids = new Set(selection.ids);
  if (!ids.delete(id)) ids.add(id);
  return { all: selection.all, ids, anchor: index };
}

export const only = (id: string, index: number): Selection => ({
  all: false,
  ids: new Set([id]),
  anchor: index,
});

/** The rows of a range in place of what was selected; the anchor stays. */
export const ranged = (ids: string[], anchor: number): Selection => ({
  all: false,
  ids: new Set(ids),
  anchor,
});
