/**
 * The mock's import: one workbook with a title above its header and a row of every outcome. A file's
 * name decides what is the matter with it: `locked`, `.pdf`, `plain` (nothing recognised), `slow`.
 */
import type {
  CellIssue,
  DuplicateRule,
  ImportOpened,
  ImportPlanned,
  ImportRow,
  Methods,
  RowAction,
} from '../contract';
import { TransportError } from '../transport';
import { ENTITIES } from './catalog';
import type { Memory } from './mock';

type Imports = {
  [M in
    | 'import_open'
    | 'import_targets'
    | 'import_plan'
    | 'import_rows'
    | 'import_apply'
    | 'import_cancel'
    | 'import_close'
    | 'import_failed_rows'
    | 'import_template']: (
    params: Methods[M]['params'],
  ) => Methods[M]['answer'] | Promise<Methods[M]['answer']>;
};

interface Open {
  opened: ImportOpened;
  slow: boolean;
  cancelled: boolean;
  rows: ImportRow[];
  planned: ImportPlanned | null;
}

const COLUMNS: [name: string, target: string | null][] = [
  ['公司名称', 'customer.name'],
  ['联系人', 'contact.name'],
  ['手机', 'contact.mobile'],
  ['职务', 'contact.title'],
  ['客户级别', 'customer.level'],
  ['省市', 'customer.region'],
  ['详细地址', 'customer.address'],
  ['年采购额(万)', 'customer.annual_value'],
  ['最近拜访', 'interaction.occurred_at'],
  ['拜访情况', 'interaction.summary'],
  ['内部备注', null],
];
const FORMS = [
  '自动化有限公司',
  '电气股份有限公司',
  '新材料有限公司',
  '精密机械有限公司',
  '仪表（集团）有限公司',
];
const PLACES = ['广东深圳', '浙江杭州', '江苏苏州', '湖北武汉', '重庆'];
const PEOPLE = ['王伟', '李静', '张磊', '刘敏', '陈晓东', '赵丽华', '周海波'];
const JOBS = ['采购经理', '总经理', '技术总监', '设备主管'];
const LEVELS = ['A 重点', 'B 重要', 'C 普通'];
const ROWS = 420;
const HEADER_ROW = 3;
const TITLE = '2025 年度客户登记表（华东、华南）';

function cellsOf(n: number): string[] {
  const name =
    n % 47 === 12
      ? ''
      : `${'恒瑞启中汇金远天博鼎'[n % 10]}${'丰明拓川石航润雅新创'[(n * 3) % 10]}${FORMS[n % 5]}`;
  return [
    name,
    PEOPLE[n % 7] ?? '',
    n % 31 === 5 ? '1380013' : `1${38 + (n % 3)} ${String(10_010_000 + n * 137).slice(0, 4)} ${1000 + n}`,
    n % 4 === 3 ? '' : (JOBS[n % 4] ?? ''),
    n % 29 === 4 ? 'S 战略' : n % 37 === 9 ? '待定' : (LEVELS[n % 3] ?? ''),
    PLACES[n % 5] ?? '',
    n % 3 ? `工业园区创新路 ${n + 1} 号` : '',
    n % 43 === 8 ? '八十几' : String(20 + ((n * 7) % 400) / 2),
    n % 5 === 0 ? `2025-0${1 + (n % 9)}-1${n % 9}` : n % 61 === 3 ? '3/4/5' : '',
    n % 5 === 0 ? '看了产线，对方希望下月给方案' : '',
    n % 6 === 0 ? '展会认识' : '',
  ];
}

/** What every row does, by the rule for duplicates. */
function planOf(rule: DuplicateRule, mapped: ReadonlySet<number>): ImportRow[] {
  return Array.from({ length: ROWS }, (_, n): ImportRow => {
    const cells = cellsOf(n);
    const row = HEADER_ROW + 1 + n;
    const issues: CellIssue[] = [];
    const say = (column: number, code: string, params: Record<string, string> = {}, warning = false) => {
      if (!mapped.has(column)) return;
      issues.push({ row, column, column_name: COLUMNS[column]?.[0] ?? '', code, params, warning });
    };
    if (cells[0] === '') say(0, 'required');
    if (cells[2] === '1380013') say(2, 'phone_length');
    if (cells[7] === '八十几') say(7, 'amount_format');
    if (cells[8] === '3/4/5') say(8, 'date_ambiguous');
    if (n % 53 === 20) say(2, 'extra_phone', { value: '0755-8612 3344' }, true);
    const failed = issues.some(({ warning }) => !warning);
    const known = !failed && n % 9 === 2;
    const again = !failed && n % 23 === 7;
    let action: RowAction = failed ? 'fail' : again ? 'skip' : 'create';
    if (known) action = rule;
    return {
      row,
      action,
      existing: again
        ? { id: '00000000-0000-0000-0000-000000000000', title: cells[0] ?? '', reason: 'file' }
        : known
          ? { id: `customer-${n % 25}`, title: cells[0] ?? '', reason: n % 2 ? 'name_phone' : 'name' }
          : null,
      cells,
      issues,
    };
  });
}

export function cannedImport(memory: Memory): Imports {
  const open = new Map<number, Open>();
  let last = 0;
  const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
  const find = (number: number): Open => {
    const found = open.get(number);
    if (!found) throw new TransportError('import_closed');
    return found;
  };
  const run = async (number: number, phase: string, steps: number) => {
    const found = find(number);
    for (let step = 1; step <= steps; step += 1) {
      memory.emit({
        type: 'import_progress',
        import: number,
        phase,
        done: Math.round((ROWS * step) / steps),
        total: ROWS,
      });
      await wait(found.slow ? 120 : 10);
      if (found.cancelled) {
        found.cancelled = false;
        throw new TransportError('cancelled');
      }
    }
  };
  return {
    async import_open({ path, sheet, header_row }) {
      const file = path.split(/[\\/]/).at(-1) ?? path;
      if (file.includes('locked')) throw new TransportError('sheet_password_protected');
      if (file.endsWith('.pdf')) throw new TransportError('sheet_not_a_spreadsheet');
      // The row below the title is blank.
      if (header_row === 2) throw new TransportError('header_row_empty', { row: '2' });
      const header = header_row ?? HEADER_ROW;
      const data = Array.from({ length: 20 + Math.max(0, header - HEADER_ROW) }, (_, n) => cellsOf(n));
      const names = COLUMNS.map(([name]) => name);
      const above = [[TITLE, ...names.slice(1).map(() => '')], names];
      const lines = header < HEADER_ROW ? [...above, ...data] : [names, ...data];
      const at = header < HEADER_ROW ? 0 : header - HEADER_ROW;
      const heads = lines[at] ?? [];
      const guess = header === HEADER_ROW && !file.includes('plain');
      const body = lines.slice(at + 1, at + 21);
      last += 1;
      const opened: ImportOpened = {
        import: last,
        file,
        kind: file.endsWith('.csv') ? 'csv' : 'xlsx',
        encoding: file.endsWith('.csv') ? 'GB18030' : null,
        sheets: [
          { name: '客户', visible: true },
          { name: '说明', visible: true },
          { name: '去年', visible: false },
        ],
        sheet: sheet ?? '客户',
        header_rows: [header, header],
        columns: COLUMNS.map(([, target], index) => ({
          index,
          name: heads[index] || String.fromCharCode(65 + index),
          target: guess ? target : null,
          samples: body
            .map((cells) => cells[index] ?? '')
            .filter(Boolean)
            .slice(0, 3),
        })),
        preview: body,
        remembered: file.includes('again'),
      };
      open.set(last, {
        opened,
        slow: file.includes('slow'),
        cancelled: false,
        rows: [],
        planned: null,
      });
      return opened;
    },
    import_targets: () => ({
      targets: ENTITIES.filter((e) =>
        ['customer', 'contact', 'opportunity', 'interaction', 'reminder'].includes(e.key),
      ).flatMap((e) =>
        e.fields
          .filter((f) => !f.read_only && (f.type !== 'reference' || f.target === 'user'))
          .map((f) => ({
            target: `${e.key}.${f.key}`,
            entity_zh: e.label.zh,
            entity_en: e.label.en,
            field_zh: f.label.zh,
            field_en: f.label.en,
            required: e.key === 'customer' && f.key === e.title,
          })),
      ),
    }),
    async import_plan({ import: number, mapping, duplicates, skip_hidden }) {
      const found = find(number);
      found.planned = null;
      await run(number, 'reading', 6);
      await run(number, 'planning', 12);
      const mapped = new Set(Object.keys(mapping).map(Number));
      found.rows = planOf(duplicates ?? 'skip', mapped).filter((_, n) => !(skip_hidden && n % 35 === 1));
      const count = (action: RowAction) => found.rows.filter((row) => row.action === action).length;
      const create = count('create');
      found.planned = {
        import: number,
        rows: found.rows.length,
        create,
        update: count('update'),
        skip: count('skip'),
        fail: count('fail'),
        records: {
          customer: create,
          ...(mapped.has(1) ? { contact: create } : {}),
          ...(mapped.has(9) ? { interaction: Math.floor(create / 5) } : {}),
        },
        new_options: mapped.has(4)
          ? [
              { field: 'customer.level', name: 'S 战略', rows: 14 },
              { field: 'customer.level', name: '待定', rows: 10 },
            ]
          : [],
        hidden_rows: 12,
        merged_ranges: 3,
        columns_left_out: 0,
        characters_replaced: 0,
      };
      return found.planned;
    },
    import_rows({ import: number, only, offset, limit }) {
      const wanted = find(number).rows.filter((row) => !only || row.action === only);
      return { total: wanted.length, rows: wanted.slice(offset, offset + limit) };
    },
    async import_apply({ import: number }) {
      const found = find(number);
      const { planned } = found;
      if (!planned) throw new TransportError('import_not_planned');
      memory.emit({ type: 'import_progress', import: number, phase: 'applying', done: 0, total: null });
      await wait(found.slow ? 400 : 10);
      await run(number, 'applying', 14);
      const made = found.rows.filter((row) => row.action === 'create');
      const saved = memory.write(
        'import',
        'customer',
        made.map((row) => ({
          id: memory.newId('customer'),
          fields: { name: row.cells[0] ?? '', address: row.cells[6] ?? '' },
        })),
      );
      return {
        import: number,
        tx: saved.tx,
        rows: planned.rows,
        created: planned.create,
        updated: planned.update,
        skipped: planned.skip,
        failed: planned.fail,
        records: planned.records,
        options_added: planned.new_options,
        milliseconds: 640,
      };
    },
    import_cancel({ import: number }) {
      find(number).cancelled = true;
      return { done: true };
    },
    import_close({ import: number }) {
      const found = open.get(number);
      if (found) found.cancelled = true;
      return { done: open.delete(number) };
    },
    import_failed_rows: ({ import: number, path }) => ({ rows: find(number).planned?.fail ?? 0, path }),
    import_template: ({ path }) => ({ rows: 0, path }),
  };
}
