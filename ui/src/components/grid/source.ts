/**
 * The rows of one view, fetched as they come into sight. The list itself stays in the core; here lie a few
 * windows of 100 rows around what is seen, with a prefetched one on each side.
 */
import type { Filter, JsonValue, OpenView, Row, Sort, Titles, WindowRequest } from '../../transport/contract';
import { call, TransportError } from '../../transport/transport';

export const WINDOW_ROWS = 100;
/** Windows kept at once: some 1,200 rows, a few hundred kilobytes. */
const KEPT_WINDOWS = 12;
/** As many ids as there are; the core waits until all are counted. */
const ALL = 0xffff_ffff;

export interface GridQuery {
  entity: string;
  filter?: Filter | undefined;
  sort?: Sort[] | undefined;
  search?: string | undefined;
  deleted?: boolean | undefined;
}

const request = (query: GridQuery, columns: string[]): OpenView => ({
  entity: query.entity,
  columns,
  limit: WINDOW_ROWS,
  ...(query.filter ? { filter: query.filter } : {}),
  ...(query.sort?.length ? { sort: query.sort } : {}),
  ...(query.search ? { search: query.search } : {}),
  ...(query.deleted ? { deleted: true } : {}),
});

export class GridSource {
  /** Names of records that cells refer to. */
  titles: Titles = {};
  /** Told when the core no longer holds the view. */
  onExpired: (() => void) | null = null;
  private windows = new Map<number, Row[]>();
  private loading = new Set<number>();
  private watchers = new Set<() => void>();
  private version = 0;
  /** Answers of an earlier set of columns are dropped. */
  private generation = 0;
  private counted: number | null = null;
  private closed = false;
  /** Windows that did not come when they were last asked for. */
  private failed = new Map<number, TransportError>();

  private constructor(
    readonly view: number,
    readonly query: GridQuery,
    private columnKeys: string[],
  ) {}

  static async open(query: GridQuery, columns: string[]): Promise<GridSource> {
    const { view, window } = await call('view_open', request(query, columns));
    const source = new GridSource(view, query, columns);
    source.windows.set(0, window.rows);
    source.titles = window.titles;
    source.counted = window.count;
    return source;
  }

  get columns(): readonly string[] {
    return this.columnKeys;
  }

  /** All rows of the view; `null` while the core still counts. */
  get count(): number | null {
    return this.counted;
  }

  /** Rows to lay out: while counting, those that are known plus one window to scroll into. */
  get length(): number {
    if (this.counted !== null) return this.counted;
    const last = Math.max(0, ...this.windows.keys());
    return last * WINDOW_ROWS + (this.windows.get(last)?.length ?? 0) + WINDOW_ROWS;
  }

  row(index: number): Row | undefined {
    return this.windows.get(Math.floor(index / WINDOW_ROWS))?.[index % WINDOW_ROWS];
  }

  value(row: Row, field: string): JsonValue {
    const at = this.columnKeys.indexOf(field);
    return at < 0 ? null : (row.cells[at] ?? null);
  }

  /** Where a loaded row lies; -1 where it is not loaded. */
  indexOf(id: string): number {
    for (const [window, rows] of this.windows) {
      const at = rows.findIndex((row) => row.id === id);
      if (at >= 0) return window * WINDOW_ROWS + at;
    }
    return -1;
  }

  /** Makes sure that these rows come, and prefetches one window before and after them. */
  need(first: number, last: number): void {
    const from = Math.floor(Math.max(0, first) / WINDOW_ROWS);
    const to = Math.floor(Math.max(0, last) / WINDOW_ROWS);
    const end = this.counted === null ? to + 1 : Math.floor(Math.max(0, this.counted - 1) / WINDOW_ROWS);
    // What is seen goes first, its neighbours after it.
    for (let window = from; window <= Math.min(to, end); window += 1) void this.load(window);
    if (from > 0) void this.load(from - 1);
    if (to < end) void this.load(to + 1);
    this.forget((from + to) / 2);
  }

  private async load(window: number, again = false): Promise<void> {
    if (this.closed || this.loading.has(window) || (!again && this.windows.has(window))) return;
    this.loading.add(window);
    const { generation } = this;
    try {
      const answer = await call('view_window', this.requestOf(window));
      if (this.closed || generation !== this.generation) return;
      this.windows.set(window, answer.rows);
      this.failed.delete(window);
      Object.assign(this.titles, answer.titles);
      if (answer.count !== null) this.counted = answer.count;
      this.changed();
    } catch (thrown) {
      if (this.closed || generation !== this.generation) return;
      // A view that the core has closed is opened anew. Else the rows stay as they are, the list says so, and
      // they are asked for again when they are next seen.
      const error = TransportError.from(thrown);
      if (error.code === 'view_closed') this.onExpired?.();
      else {
        this.failed.set(window, error);
        this.changed();
      }
    } finally {
      if (generation === this.generation) this.loading.delete(window);
    }
  }

  /** Why some of the rows that were last asked for are not there. */
  get failure(): TransportError | null {
    return this.failed.values().next().value ?? null;
  }

  /** Asks once more for what did not come. */
  retry(): void {
    const windows = [...this.failed.keys()];
    this.failed.clear();
    this.changed();
    for (const window of windows) void this.load(window, true);
  }

  private forget(middle: number): void {
    if (this.windows.size <= KEPT_WINDOWS) return;
    const far = [...this.windows.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const window of far.slice(0, this.windows.size - KEPT_WINDOWS)) this.windows.delete(window);
  }

  /** Other columns of the same rows. */
  setColumns(columns: string[]): void {
    if (columns.length === this.columnKeys.length && columns.every((key, n) => key === this.columnKeys[n]))
      return;
    const before = this.columnKeys;
    this.columnKeys = columns;
    // Until the new cells come, what is known stays in sight at its new place.
    for (const [window, rows] of this.windows) {
      this.windows.set(
        window,
        rows.map((row) => ({ ...row, cells: columns.map((key) => row.cells[before.indexOf(key)] ?? null) })),
      );
    }
    this.reload();
  }

  /** Fetches the loaded rows again, in the order they have. */
  reload(): void {
    this.generation += 1;
    this.loading.clear();
    this.failed.clear();
    this.changed();
    for (const window of [...this.windows.keys()]) void this.load(window, true);
  }

  /** Shows a value before the core has confirmed it; the answer puts the old one back. */
  patch(id: string, field: string, value: JsonValue): () => void {
    const at = this.columnKeys.indexOf(field);
    const put = (next: JsonValue): JsonValue => {
      const index = this.indexOf(id);
      const row = this.row(index);
      if (!row || at < 0) return null;
      const before = row.cells[at] ?? null;
      const cells = [...row.cells];
      cells[at] = next;
      this.windows.get(Math.floor(index / WINDOW_ROWS))?.splice(index % WINDOW_ROWS, 1, { ...row, cells });
      this.changed();
      return before;
    };
    const before = put(value);
    return () => void put(before);
  }

  counts(view: number, count: number): void {
    if (view !== this.view) return;
    this.counted = count;
    this.changed();
  }

  /** Ids of part of the view, for selections that reach beyond the loaded rows. */
  async ids(offset: number, limit: number): Promise<string[]> {
    const loaded: string[] = [];
    for (let index = offset; index < offset + limit; index += 1) {
      const row = this.row(index);
      if (!row) return (await call('view_ids', { view: this.view, offset, limit })).ids;
      loaded.push(row.id);
    }
    return loaded;
  }

  /** Rows from `offset` on, whether they are loaded or not; fewer where the view ends. */
  async rowsAt(offset: number, limit: number): Promise<Row[]> {
    const columns = this.columnKeys;
    const end = Math.min(offset + limit, this.counted ?? Number.POSITIVE_INFINITY);
    const found: Row[] = [];
    for (let at = offset; at < end; ) {
      const window = Math.floor(at / WINDOW_ROWS);
      const rows = this.windows.get(window) ?? (await this.fetched(window));
      const part = rows.slice(at % WINDOW_ROWS, (at % WINDOW_ROWS) + (end - at));
      if (part.length === 0) break;
      found.push(...part);
      at += part.length;
    }
    // Cells of other columns in between would be taken for these.
    return columns === this.columnKeys ? found : this.rowsAt(offset, limit);
  }

  /** The rows that are chosen, in the order of the view, whether they are loaded or not. */
  async chosenRows(isChosen: (id: string) => boolean, count: number): Promise<Row[]> {
    const loaded = [...this.windows]
      .sort(([a], [b]) => a - b)
      .flatMap(([, rows]) => rows.filter((row) => isChosen(row.id)));
    if (loaded.length === count) return loaded;
    const { ids } = await call('view_ids', { view: this.view, offset: 0, limit: ALL });
    const places = ids.flatMap((id, at) => (isChosen(id) ? [at] : []));
    const found: Row[] = [];
    for (const window of new Set(places.map((at) => Math.floor(at / WINDOW_ROWS)))) {
      const rows = await this.rowsAt(window * WINDOW_ROWS, WINDOW_ROWS);
      found.push(...rows.filter((row) => isChosen(row.id)));
    }
    return found;
  }

  /** A window that is needed but not in sight: it takes no place among those that are kept. */
  private async fetched(window: number): Promise<Row[]> {
    const answer = await call('view_window', this.requestOf(window));
    Object.assign(this.titles, answer.titles);
    return answer.rows;
  }

  private requestOf(window: number): WindowRequest {
    return {
      view: this.view,
      offset: window * WINDOW_ROWS,
      limit: WINDOW_ROWS,
      columns: this.columnKeys,
    };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    // The core drops its views with the window anyway.
    void call('view_close', { view: this.view }).catch(() => undefined);
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.watchers.add(changed);
    return () => void this.watchers.delete(changed);
  };

  readonly snapshot = (): number => this.version;

  private changed(): void {
    this.version += 1;
    for (const tell of [...this.watchers]) tell();
  }
}
