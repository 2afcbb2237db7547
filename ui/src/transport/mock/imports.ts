/** The mock's import: one canned workbook with a row of every outcome. */
import type { ImportRow, Methods } from '../contract';
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

const COLUMNS: [name: string, target: string | null][] = [
  ['公司名称', 'customer.name'],
  ['联系人', 'contact.name'],
  ['手机', 'contact.mobile'],
  ['级别', 'customer.level'],
  ['年采购额(万)', 'customer.annual_value'],
  ['内部备注', null],
];
const ROWS: string[][] = [
  ['深圳恒远自动化有限公司', '王伟', '13800138001', 'A 重点', '120', ''],
  ['广州瑞丰电气有限公司', '李静', '138 0013 8002', 'B 重要', '35.5', '展会认识'],
  ['', '张磊', '13800138003', '', '', ''],
  ['杭州启明新材料有限公司', '刘敏', '1380013', 'C 普通', '八十', ''],
  ['苏州中拓精密机械有限公司', '陈晓东', '13800138005', 'S 战略', '200', ''],
];

export function cannedImport(memory: Memory): Imports {
  const rows: ImportRow[] = ROWS.map((cells, n) => ({
    row: n + 2,
    action: n === 2 || n === 3 ? 'fail' : n === 1 ? 'skip' : 'create',
    existing: n === 1 ? { id: 'customer-1', title: cells[0] ?? '', reason: 'name' } : null,
    cells,
    issues:
      n === 2
        ? [{ row: 4, column: 0, column_name: '公司名称', code: 'required', params: {}, warning: false }]
        : n === 3
          ? [
              { row: 5, column: 2, column_name: '手机', code: 'phone_length', params: {}, warning: false },
              {
                row: 5,
                column: 4,
                column_name: '年采购额(万)',
                code: 'amount_format',
                params: {},
                warning: false,
              },
            ]
          : [],
  }));
  const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
  return {
    import_open: ({ path, sheet, header_row }) => ({
      import: 1,
      file: path.split(/[\\/]/).at(-1) ?? path,
      kind: 'xlsx',
      encoding: null,
      sheets: [
        { name: '客户', visible: true },
        { name: '说明', visible: true },
      ],
      sheet: sheet ?? '客户',
      header_rows: [header_row ?? 1, header_row ?? 1],
      columns: COLUMNS.map(([name, target], index) => ({
        index,
        name,
        target,
        samples: ROWS.map((r) => r[index] ?? '')
          .filter(Boolean)
          .slice(0, 3),
      })),
      preview: ROWS,
      remembered: false,
    }),
    import_targets: () => ({
      targets: ENTITIES.filter((e) =>
        ['customer', 'contact', 'opportunity', 'interaction', 'reminder'].includes(e.key),
      ).flatMap((e) =>
        e.fields
          .filter((f) => !f.read_only)
          .map((f) => ({
            target: `${e.key}.${f.key}`,
            entity_zh: e.label.zh,
            entity_en: e.label.en,
            field_zh: f.label.zh,
            field_en: f.label.en,
            required: f.required,
          })),
      ),
    }),
    import_plan: () => ({
      import: 1,
      rows: rows.length,
      create: rows.filter((r) => r.action === 'create').length,
      update: 0,
      skip: 1,
      fail: 2,
      records: { customer: 2, contact: 2 },
      new_options: [{ field: 'customer.level', name: 'S 战略', rows: 1 }],
      hidden_rows: 1,
      merged_ranges: 0,
    }),
    import_rows({ only, offset, limit }) {
      const wanted = rows.filter((r) => !only || r.action === only);
      return { total: wanted.length, rows: wanted.slice(offset, offset + limit) };
    },
    async import_apply() {
      for (let done = 0; done <= rows.length; done += 1) {
        memory.emit({ type: 'import_progress', import: 1, phase: 'applying', done, total: rows.length });
        await wait(60);
      }
      const made = rows.filter((r) => r.action === 'create');
      const saved = memory.write(
        'import',
        'customer',
        made.map((r) => ({ id: memory.newId('customer'), fields: { name: r.cells[0] ?? '' } })),
      );
      return {
        import: 1,
        tx: saved.tx,
        rows: rows.length,
        created: made.length,
        updated: 0,
        skipped: 1,
        failed: 2,
        records: { customer: made.length, contact: made.length },
        options_added: [{ field: 'customer.level', name: 'S 战略', rows: 1 }],
        milliseconds: 320,
      };
    },
    import_cancel: () => ({ done: true }),
    import_close: () => ({ done: true }),
    import_failed_rows: ({ path }) => ({ rows: 2, path }),
    import_template: ({ path }) => ({ rows: 0, path }),
  };
}
