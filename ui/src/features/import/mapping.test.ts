import { describe, expect, it } from 'vitest';
import { initials } from '../../components/initials';
import type { ImportColumn, ImportOpened, ImportTarget } from '../../transport/contract';
import { TransportError } from '../../transport/transport';
import { openAtNextRow, openAtPreviewRow } from './header';
import { assign, carriedOver, guessed, matchesTarget, namesCustomer, targetGroups } from './mapping';

const column = (index: number, name: string, target: string | null = null): ImportColumn => ({
  index,
  name,
  target,
  samples: [],
});
const several = (target: string) => target === 'customer.note' || target === 'customer.region';

describe('mapping', () => {
  it('begins with what the core guessed', () => {
    expect(guessed([column(0, '公司', 'customer.name'), column(2, '备注')])).toEqual({ 0: 'customer.name' });
  });

  it('gives a field to one column only: the other one is released and named', () => {
    const { mapping, released } = assign({ 0: 'customer.name' }, 3, 'customer.name', several);
    expect(mapping).toEqual({ 3: 'customer.name' });
    expect(released).toBe(0);
  });

  it('lets several columns feed a region or a note together', () => {
    const { mapping, released } = assign({ 0: 'customer.region' }, 1, 'customer.region', several);
    expect(mapping).toEqual({ 0: 'customer.region', 1: 'customer.region' });
    expect(released).toBeNull();
  });

  it('leaves out a column that is not imported, and changes nothing when the same field is chosen again', () => {
    expect(assign({ 0: 'customer.name', 1: 'contact.name' }, 1, null, several).mapping).toEqual({
      0: 'customer.name',
    });
    const again = assign({ 0: 'customer.name' }, 0, 'customer.name', several);
    expect(again).toEqual({ mapping: { 0: 'customer.name' }, released: null });
  });

  it('asks for a column by which a customer is known', () => {
    expect(namesCustomer({ 0: 'contact.name' })).toBe(false);
    for (const target of ['customer.name', 'customer.number', 'customer.uscc']) {
      expect(namesCustomer({ 0: target })).toBe(true);
    }
  });

  it('carries the choice over to a mended file by column name, or not at all', () => {
    const before = [column(0, '公司'), column(1, '手机')];
    const chosen = { 0: 'customer.name', 1: 'contact.mobile' };
    const moved = [column(0, '序号'), column(1, '手机'), column(2, '公司')];
    expect(carriedOver(chosen, before, moved)).toEqual({ 2: 'customer.name', 1: 'contact.mobile' });
    expect(carriedOver(chosen, before, [column(0, '公司')])).toBeNull();
  });
});

describe('finding a field', () => {
  const target = (entity: string, key: string, zh: string, english: string): ImportTarget => ({
    target: `${entity}.${key}`,
    entity_zh: entity === 'customer' ? '客户' : '联系人',
    entity_en: entity === 'customer' ? 'Customer' : 'Contact',
    field_zh: zh,
    field_en: english,
    required: key === 'name' && entity === 'customer',
  });
  const targets = [
    target('customer', 'name', '名称', 'Name'),
    target('customer', 'annual_value', '年采购额', 'Annual value'),
    target('contact', 'mobile', '手机', 'Mobile'),
  ];
  const search = (typed: string) =>
    targetGroups(targets, 'zh-CN')
      .flatMap((group) => group.targets)
      .filter((one) => matchesTarget(typed, one.search))
      .map((one) => one.value);

  it('takes the first letters of the pinyin', () => {
    expect(initials('统一社会信用代码')).toBe('tyshxydm');
    expect(search('ncg')).toEqual(['customer.annual_value']);
    expect(search('khmc')).toEqual(['customer.name']);
  });

  it('takes Chinese and English words in any order', () => {
    expect(search('手机')).toEqual(['contact.mobile']);
    expect(search('value annual')).toEqual(['customer.annual_value']);
    expect(search('nothing')).toEqual([]);
  });

  it('groups by kind of record in the language of the window and keeps the mark of what is needed', () => {
    const groups = targetGroups(targets, 'en');
    expect(groups.map(({ label }) => label)).toEqual(['Customer', 'Contact']);
    expect(groups[0]?.targets[0]).toMatchObject({ label: 'Name', required: true });
  });
});

describe('header row', () => {
  /** Rows by number as the file has them; blank ones are missing, and are refused as a header. */
  const FILE: Record<number, string[]> = {
    1: ['客户登记表', ''],
    4: ['公司', '电话'],
    5: ['甲公司', '021-1'],
    8: ['乙公司', '021-2'],
  };
  const opened: number[] = [];
  const closed: number[] = [];
  const openAt = async (row: number): Promise<ImportOpened> => {
    opened.push(row);
    const cells = FILE[row];
    if (!cells) throw new TransportError('header_row_empty');
    const below = Object.entries(FILE).filter(([number]) => Number(number) > row);
    return {
      import: row,
      header_rows: [row, row],
      columns: cells.map((name, index) => column(index, name || 'AB'[index] || '')),
      preview: below.map(([, line]) => line),
    } as ImportOpened;
  };
  const close = ({ import: row }: ImportOpened) => void closed.push(row);

  it('is found by its words where blank rows lie in between', async () => {
    const answer = await openAtPreviewRow(await openAt(1), 0, openAt, close);
    expect(answer.header_rows).toEqual([4, 4]);
    closed.length = 0;
    const below = await openAtPreviewRow(await openAt(4), 1, openAt, close);
    expect(below.header_rows).toEqual([8, 8]);
  });

  it('closes what it only looked into', async () => {
    closed.length = 0;
    const shifted = { ...(await openAt(1)), preview: [['乙公司', '021-2']] };
    await openAtPreviewRow(shifted, 0, openAt, close);
    expect(closed).toEqual([4, 5]);
  });

  it('moves up and down past blank rows, and refuses where there is nothing', async () => {
    expect((await openAtNextRow(await openAt(4), -1, openAt)).header_rows).toEqual([1, 1]);
    expect((await openAtNextRow(await openAt(5), 1, openAt)).header_rows).toEqual([8, 8]);
    await expect(openAtNextRow(await openAt(1), -1, openAt)).rejects.toMatchObject({
      code: 'header_row_empty',
    });
  });
});
