/** Opens the view that a list shows and keeps it true while records change. */
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { subscribe, TransportError } from '../../transport/transport';
import { type GridQuery, GridSource } from './source';

export interface LiveSource {
  /** Absent until the first view is open; an older one stays while the next opens. */
  source: GridSource | null;
  error: TransportError | null;
  /** Marks a record as edited in place, so that its change does not reorder the list under the hand. */
  editedInPlace(id: string): void;
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
  const wanted = useRef(columns);
  wanted.current = columns;
  const key = JSON.stringify(query);
  const relatedKey = related.join();

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the query, `again` asks for the same view anew
  useEffect(() => {
    let current = true;
    GridSource.open(query, wanted.current)
      .then((opened) => {
        if (!current) {
          opened.close();
          return;
        }
        opened.setColumns(wanted.current);
        opened.onExpired = () => setAgain((n) => n + 1);
        setError(null);
        setSource((old) => {
          if (old) queueMicrotask(() => old.close());
          return opened;
        });
      })
      .catch((thrown: unknown) => current && setError(TransportError.from(thrown)));
    return () => {
      current = false;
    };
  }, [key, again]);

  const latest = useRef<GridSource | null>(null);
  latest.current = source;
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
          timer = setTimeout(() => setAgain((n) => n + 1), 20);
        }
      } else if (event.entities.some((entity) => relatedKey.split(',').includes(entity))) {
        latest.current?.reload();
      }
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [query.entity, relatedKey]);

  useSyncExternalStore(source?.subscribe ?? nothing, source?.snapshot ?? (() => 0));
  const editedInPlace = useCallback((id: string) => void inPlace.current.add(id), []);
  return { source, error, editedInPlace };
}
