import { afterEach, describe, expect, it, vi } from 'vitest';
import { mockWire } from '../../transport/mock/mock';
import { call, connect, type Wire } from '../../transport/transport';
import { fromTsv, toTsv } from './clipboard';
import { nextSort } from './GridHeader';
import { moved } from './movement';
import { EVERYTHING, isSelected, NOTHING, ranged, selectedCount, toggled } from './selection';
import { GridSource, WINDOW_ROWS } from './source';

describe('the block that spreadsheets copy', () => {
  it('comes back as it went, with tabs, breaks and quotes inside cells', () => {
    const block = [
      ['华科', 'a\tb', 'line one\nline two'],
      ['say "hi"', '', '12'],
    ];
    expect(fromTsv(toTsv(block))).toEqual(block);
  });

  it('reads rows that end with a break, from Windows too', () => {
    expect(fromTsv('a\tb\r\nc\td\r\n')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('takes a quote inside a word as a quote', () => {
    expect(fromTsv('19" rack\tx')).toEqual([['19" rack', 'x']]);
  });
});

describe('moving the active cell', () => {
  const bounds = { rows: 100, columns: 5, page: 10 };
  const at = { row: 50, column: 2 };
  it.each([
    ['ArrowDown', false, { row: 51, column: 2 }],
    ['ArrowUp', true, { row: 0, column: 2 }],
    ['End', false, { row: 50, column: 4 }],
    ['End', true, { row: 99, column: 4 }],
    ['Home', true, { row: 0, column: 0 }],
    ['PageDown', false, { row: 60, column: 2 }],
  ] as const)('%s with Ctrl %s', (key, ctrl, to) => expect(moved(key, ctrl, at, bounds)).toEqual(to));

  it('stays inside the list', () => {
    expect(moved('ArrowUp', false, { row: 0, column: 0 }, bounds)).toEqual({ row: 0, column: 0 });
    expect(moved('PageDown', false, { row: 99, column: 4 }, bounds)).toEqual({ row: 99, column: 4 });
    expect(moved('ArrowDown', false, { row: 0, column: 0 }, { ...bounds, rows: 0 })).toEqual({
      row: 0,
      column: 0,
    });
  });

  it('leaves other keys alone', () => expect(moved('x', false, at, bounds)).toBeNull());
});

describe('selection', () => {
  it('takes single rows out of everything', () => {
    const some = toggled(EVERYTHING, 'b', 1);
    expect(isSelected(some, 'a')).toBe(true);
    expect(isSelected(some, 'b')).toBe(false);
    expect(selectedCount(some, 100_000)).toBe(99_999);
  });

  it('toggles and ranges', () => {
    const one = toggled(NOTHING, 'a', 3);
    expect(selectedCount(one, 10)).toBe(1);
    expect(selectedCount(toggled(one, 'a', 3), 10)).toBe(0);
    expect(ranged(['a', 'b'], 3).anchor).toBe(3);
  });
});

describe('sorting by the head of a column', () => {
  it('goes up, down and back to none', () => {
    const up = nextSort([], 'name', false);
    expect(up).toEqual([{ field: 'name', descending: false }]);
    const down = nextSort(up, 'name', false);
    expect(down).toEqual([{ field: 'name', descending: true }]);
    expect(nextSort(down, 'name', false)).toEqual([]);
  });

  it('adds a further key with Shift and keeps its place when it turns', () => {
    const two = nextSort(nextSort([], 'level', false), 'name', true);
    expect(two.map((s) => s.field)).toEqual(['level', 'name']);
    expect(nextSort(two, 'level', true)).toEqual([
      { field: 'level', descending: true },
      { field: 'name', descending: false },
    ]);
  });
});

describe('the rows of a view', () => {
  const asked: { method: string; offset?: number }[] = [];
  const begin = async (customers = 1000, meddle: (method: string) => void = () => undefined) => {
    asked.length = 0;
    const mock = mockWire({ customers });
    const wire: Wire = {
      listen: mock.listen,
      async call(method, params) {
        asked.push({ method, ...(params as { offset?: number }) });
        meddle(method);
        return mock.call(method, params);
      },
    };
    connect(wire);
    return GridSource.open({ entity: 'customer' }, ['name', 'number']);
  };
  const windows = () => asked.filter((one) => one.method === 'view_window').map((one) => one.offset);
  afterEach(() => asked.splice(0));

  it('opens with its first window and count', async () => {
    const source = await begin();
    expect(source.count).toBe(1000);
    expect(source.row(0)?.cells).toHaveLength(2);
    expect(source.row(WINDOW_ROWS)).toBeUndefined();
    expect(windows()).toEqual([]);
  });

  it('asks for what is seen first and one window on each side', async () => {
    const source = await begin();
    source.need(450, 480);
    await vi.waitFor(() => expect(source.row(520)).toBeDefined());
    expect(windows()).toEqual([400, 300, 500]);
    expect(source.row(399)).toBeDefined();
  });

  it('asks for each window once', async () => {
    const source = await begin();
    source.need(450, 480);
    source.need(455, 490);
    await vi.waitFor(() => expect(source.row(520)).toBeDefined());
    source.need(450, 480);
    expect(windows()).toEqual([400, 300, 500]);
  });

  it('keeps a dozen windows at most, those nearest to what is seen', async () => {
    const source = await begin(5000);
    for (let row = 0; row < 5000; row += WINDOW_ROWS) {
      source.need(row, row + 30);
      await vi.waitFor(() => expect(source.row(row)).toBeDefined());
    }
    source.need(4990, 4999);
    const loaded = Array.from({ length: 50 }, (_, n) => source.row(n * WINDOW_ROWS)).filter(Boolean);
    expect(loaded.length).toBeLessThanOrEqual(13);
    expect(source.row(0)).toBeUndefined();
    expect(source.row(4990)).toBeDefined();
  });

  it('shows an edit at once and puts the old value back', async () => {
    const source = await begin();
    const row = source.row(3);
    const before = row?.cells[0];
    const putBack = source.patch(row?.id ?? '', 'name', '新名字');
    expect(source.row(3)?.cells[0]).toBe('新名字');
    putBack();
    expect(source.row(3)?.cells[0]).toBe(before);
  });

  it('keeps cells in sight while other columns are fetched', async () => {
    const source = await begin();
    const name = source.row(0)?.cells[0];
    source.setColumns(['phone', 'name']);
    expect(source.row(0)?.cells).toEqual([null, name]);
    await vi.waitFor(() => expect(source.row(0)?.cells[0]).not.toBeUndefined());
    expect(source.row(0)?.cells[1]).toBe(name);
  });

  it('takes ids of loaded rows from memory and others from the core', async () => {
    const source = await begin();
    expect(await source.ids(0, 3)).toHaveLength(3);
    expect(asked.some((one) => one.method === 'view_ids')).toBe(false);
    expect(await source.ids(0, 500)).toHaveLength(500);
    expect(asked.some((one) => one.method === 'view_ids')).toBe(true);
  });

  it('tells when the core has dropped the view', async () => {
    const source = await begin();
    const expired = vi.fn();
    source.onExpired = expired;
    await call('view_close', { view: source.view });
    source.need(500, 520);
    await vi.waitFor(() => expect(expired).toHaveBeenCalled());
  });

  it('gives rows that are not loaded, to the end of the view', async () => {
    const source = await begin(450);
    const rows = await source.rowsAt(390, 100);
    expect(rows.map((row) => row.id)).toEqual(await source.ids(390, 60));
    expect(source.row(400)).toBeUndefined();
  });

  it('gives the chosen rows in the order of the view wherever they lie, and asks only for their windows', async () => {
    const source = await begin(450);
    const [first = '', last = ''] = [(await source.ids(3, 1))[0], (await source.ids(420, 1))[0]];
    const chosen = new Set([last, first]);
    const rows = await source.chosenRows((id) => chosen.has(id), 2);
    expect(rows.map((row) => row.id)).toEqual([first, last]);
    expect(windows()).toEqual([400]);
  });

  it('says that rows did not come, and asks for just those again', async () => {
    let failing = true;
    const source = await begin(1000, (method) => {
      if (failing && method === 'view_window') throw { code: 'database', params: {} };
    });
    source.need(450, 480);
    await vi.waitFor(() => expect(source.failure?.code).toBe('database'));
    failing = false;
    asked.splice(0);
    source.retry();
    expect(source.failure).toBeNull();
    await vi.waitFor(() => expect(source.row(450)).toBeDefined());
    expect(windows().sort()).toEqual([300, 400, 500]);
  });

  it('tries rows that did not come again', async () => {
    let failing = true;
    const source = await begin(1000, (method) => {
      if (failing && method === 'view_window') throw { code: 'database', params: {} };
    });
    source.need(450, 480);
    await vi.waitFor(() => expect(windows().length).toBe(3));
    expect(source.row(450)).toBeUndefined();
    // The refusals have arrived by the next turn.
    await new Promise((done) => setTimeout(done));
    failing = false;
    source.need(450, 480);
    await vi.waitFor(() => expect(source.row(450)).toBeDefined());
  });
});
