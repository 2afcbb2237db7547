/** Opens the view that a list shows and keeps it true while records change. */
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { subscribe, TransportError } from '../../transport/transport';
import { type GridQuery, GridSource } from './source';

export interface LiveSource {
  /** Absent until the first view is open; an older one stays while the next opens. */
  source: GridSource | null;
  /** Why the view could not be opened at all. */
  error: TransportError | null;
  /** Why the view that is shown is not whole, or not the newest. */
  trouble: TransportError | null;
  /** Asks for the same view, or for its missing rows, once more. */
  retry(): void;
  /** Marks a record as edited in place, so that its change does not reorder the list under the hand. */
  editedInPlace(id: string): void;
  /** While a cell is being edited no other rows come in under it; they do when the edit has ended. */
  hold(editing: boolean): void;
}

const nothing = () => () => undefined;

/** `related` names entities whose records' names stand in the cells. */
export function useGridSource(
  query: GridQuery,
  columns: string[],
  related: readonly string[] = [],
): LiveSource {
  const [source, setSource] = useState<GridSource | null>(null);
  const [error, setError] = useState<TransportError | null>(null);
  const [again, setAgain] = useState(0);
  const inPlace = useRef(new Set<string>());
  const held = useRef(false);
  /** What waits for the end of an edit: a view that has been opened, or the need to open one. */
  const waiting = useRef<(() => void) | null>(null);
  const wanted = useRef(columns);
  wanted.current = columns;
  const latest = useRef<GridSource | null>(null);
  latest.current = source;
  const key = JSON.stringify(query);
  const relatedKey = related.join();

  const openAgain = useCallback(() => {
    const open = () => setAgain((n) => n + 1);
    if (held.current) waiting.current = open;
    else open();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the query, `again` asks for the same view anew
  useEffect(() => {
    let current = true;
    const show = (opened: GridSource) => {
      opened.setColumns(wanted.current);
      opened.onExpired = openAgain;
      setError(null);
      setSource((old) => {
        if (old) queueMicrotask(() => old.close());
        return opened;
      });
    };
    let opening: GridSource | null = null;
    GridSource.open(query, wanted.current)
      .then((opened) => {
        if (!current) {
          opened.close();
          return;
        }
        const sameView = latest.current !== null && JSON.stringify(latest.current.query) === key;
        if (!held.current || !sameView) {
          show(opened);
          return;
        }
        opening = opened;
        waiting.current = () => {
          opening = null;
          if (current) show(opened);
        };
      })
      .catch((thrown: unknown) => current && setError(TransportError.from(thrown)));
    return () => {
      current = false;
      opening?.close();
    };
  }, [key, again]);

  useEffect(() => () => latest.current?.close(), []);

  const columnKey = columns.join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: `columnKey` stands for the columns
  useEffect(() => {
    source?.setColumns(wanted.current);
  }, [source, columnKey]);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = subscribe((event) => {
      if (event.type === 'view_counted') latest.current?.counts(event.view, event.count);
      if (event.type !== 'changed') return;
      if (event.entities.includes(query.entity)) {
        const mine = !event.all && event.ids.length > 0 && event.ids.every((id) => inPlace.current.has(id));
        inPlace.current.clear();
        if (mine) latest.current?.reload();
        else {
          clearTimeout(timer);
          timer = setTimeout(openAgain, 20);
        }
      } else if (event.entities.some((entity) => relatedKey.split(',').includes(entity))) {
        latest.current?.reload();
      }
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [query.entity, relatedKey, openAgain]);

  useSyncExternalStore(source?.subscribe ?? nothing, source?.snapshot ?? (() => 0));
  const editedInPlace = useCallback((id: string) => void inPlace.current.add(id), []);
  const hold = useCallback((editing: boolean) => {
    held.current = editing;
    if (editing) return;
    const then = waiting.current;
    waiting.current = null;
    then?.();
  }, []);
  const isClosed = error !== null;
  const retry = useCallback(() => {
    if (isClosed) openAgain();
    else latest.current?.retry();
  }, [isClosed, openAgain]);

  const isShown = source !== null && JSON.stringify(source.query) === key;
  return {
    source,
    error: isShown ? null : error,
    trouble: isShown ? (error ?? source.failure) : null,
    retry,
    editedInPlace,
    hold,
  };
}
