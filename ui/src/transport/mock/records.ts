/** The mock's records: generated customers with what hangs below them, the same for every run. */
import type { FieldValues, JsonValue } from '../contract';
import { OPTIONS, PIPELINES } from './catalog';

export interface MockRecord {
  entity: string;
  id: string;
  fields: FieldValues;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
}

export const ME = { id: 'user-me', name: '林知远' };
const USERS = [ME, { id: 'user-2', name: '周敏' }, { id: 'user-3', name: '陈思齐' }];

/** Mulberry32: small, seeded, the same on every machine. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const PLACES: [string, string][] = [
  ['深圳', '440305'],
  ['广州', '440106'],
  ['杭州', '330106'],
  ['苏州', '320508'],
  ['南京', '320102'],
  ['武汉', '420102'],
  ['成都', '510104'],
  ['重庆', '500103'],
  ['青岛', '370202'],
  ['厦门', '350203'],
];
const NAMES = [
  '恒远',
  '华科',
  '瑞丰',
  '盛达',
  '启明',
  '中拓',
  '汇川',
  '金石',
  '远航',
  '天润',
  '博雅',
  '鼎新',
  '同创',
  '嘉禾',
  '长青',
];
const TRADES = [
  '自动化',
  '智能装备',
  '电气',
  '环境工程',
  '新材料',
  '精密机械',
  '信息技术',
  '能源科技',
  '物流设备',
  '仪表',
];
const FORMS = ['有限公司', '股份有限公司', '集团有限公司', '（集团）有限公司', '科技有限公司'];
const SURNAMES = '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗';
const GIVEN = ['伟', '敏', '静', '磊', '晓东', '建国', '丽华', '子涵', '志强', '雪梅', '海波', '思远'];
const JOBS = ['采购经理', '总经理', '技术总监', '设备主管', '项目经理', '财务经理'];
const PROJECTS = [
  '产线改造',
  '二期扩建',
  '控制系统升级',
  '备件年度框架',
  '节能改造',
  '仓储自动化',
  '检测设备采购',
];
const TALKS = [
  '拜访了采购部，确认技术参数，对方希望月底前拿到正式报价。',
  '电话沟通交付周期，客户可以接受八周，但要求分两批发货。',
  '发送了方案资料，约好下周三现场演示。',
  '参加项目评审会，设计院对防护等级提出疑问，需补充检测报告。',
  '客户反馈竞争对手报价低 5%，重点强调了本地服务与备件响应。',
];
const DAY = 86_400_000;

export function generate(customers: number, now: number): Map<string, MockRecord> {
  const random = generator(20261122);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const option = (list: string) => pick(OPTIONS.filter((o) => o.list === list)).id;
  const records = new Map<string, MockRecord>();
  const put = (entity: string, id: string, fields: Record<string, JsonValue>, at: number) =>
    records.set(id, { entity, id, fields, created_at: at, updated_at: at, deleted_at: null });
  for (const user of USERS) put('user', user.id, { name: user.name }, now);
  for (const [n, name] of ['重点跟进', '价格敏感', '老客户', '年框'].entries()) {
    put('tag', `tag-${n}`, { name, color: null }, now);
  }
  const mobile = () =>
    `1${pick(['38', '39', '86', '59', '77'])}${String(Math.floor(random() * 1e8)).padStart(8, '0')}`;
  for (let n = 0; n < customers; n += 1) {
    const [city, code] = pick(PLACES);
    const id = `customer-${n}`;
    const name = `${city}${pick(NAMES)}${pick(TRADES)}${pick(FORMS)}`;
    const made = now - Math.floor(random() * 700) * DAY;
    put(
      'customer',
      id,
      {
        name,
        number: `CUST-2026-${String(n + 1).padStart(3, '0')}`,
        phone: random() < 0.7 ? `0755-${String(20_000_000 + Math.floor(random() * 6e7))}` : null,
        industry: option('customer.industry'),
        category: option('customer.category'),
        level: option('customer.level'),
        lifecycle: option('customer.lifecycle'),
        source: option('customer.source'),
        region: code,
        annual_value: random() < 0.8 ? [Math.floor(random() * 5e8), 'CNY'] : null,
        tags: random() < 0.3 ? [`tag-${Math.floor(random() * 4)}`] : null,
        owner: pick(USERS).id,
      },
      made,
    );
    if (n >= 400) continue;
    const contacts = 1 + Math.floor(random() * 3);
    for (let c = 0; c < contacts; c += 1) {
      put(
        'contact',
        `contact-${n}-${c}`,
        {
          name: `${pick([...SURNAMES])}${pick(GIVEN)}`,
          customer: id,
          title: pick(JOBS),
          mobile: mobile(),
          email: c === 0 ? `sales${n}@example.com` : null,
          wechat: c === 1 ? `wx_${n}_${c}` : null,
          key_person: c === 0,
        },
        made,
      );
    }
    const talks = Math.floor(random() * 4);
    for (let t = 0; t < talks; t += 1) {
      const at = now - Math.floor(random() * 90 * DAY);
      put(
        'interaction',
        `interaction-${n}-${t}`,
        {
          kind: option('interaction.kind'),
          occurred_at: at,
          customer: id,
          contacts: [`contact-${n}-0`],
          summary: pick(TALKS),
          owner: ME.id,
        },
        at,
      );
    }
    if (random() < 0.5) {
      const way = pick(PIPELINES);
      const stage = pick(way.stages);
      put(
        'opportunity',
        `opportunity-${n}`,
        {
          name: `${city}${pick(PROJECTS)}`,
          number: `OPP-2026-${String(n + 1).padStart(3, '0')}`,
          customer: id,
          pipeline: way.id,
          stage: stage.id,
          amount: [Math.floor(random() * 300) * 1_000_000, 'CNY'],
          probability: stage.probability,
          expected_close: new Date(now + (Math.floor(random() * 120) - (n % 4 ? 0 : 40)) * DAY)
            .toISOString()
            .slice(0, 10),
          next_step: random() < 0.6 ? pick(['提交报价', '安排演示', '确认付款方式']) : null,
          owner: ME.id,
        },
        made,
      );
    }
    if (random() < 0.12) {
      put(
        'reminder',
        `reminder-${n}`,
        {
          title: pick(['回访报价进展', '确认合同条款', '送样品', '约见总经理']),
          due_at: now + Math.floor((random() - 0.4) * 10 * DAY),
          customer: id,
          owner: ME.id,
          done_at: null,
        },
        made,
      );
    }
  }
  return records;
}

export const USERS_VIEW = USERS;
