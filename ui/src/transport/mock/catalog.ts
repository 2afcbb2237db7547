/** The mock's catalog: the kinds of record that the screens show, in the shape the core tells them. */
import type { CatalogView, EntityDef, FieldDef, FieldType, OptionView, PipelineView } from '../contract';

type Extra = Partial<Omit<FieldDef, 'key' | 'label' | 'type'>>;

function field(key: string, zh: string, en: string, kind: FieldType, extra: Extra = {}): FieldDef {
  return {
    key,
    label: { zh, en },
    required: false,
    unique: false,
    read_only: false,
    custom: false,
    format: null,
    min: null,
    max: null,
    max_length: kind.type === 'text' ? 200 : null,
    search: 'none',
    merge: 'scalar',
    sensitive: false,
    indexed: false,
    by_pinyin: false,
    key_class: null,
    moves: false,
    grid_width: 0,
    ...extra,
    ...kind,
  };
}

const plain =
  (
    type:
      | 'text'
      | 'long_text'
      | 'money'
      | 'date'
      | 'instant'
      | 'boolean'
      | 'phone'
      | 'email'
      | 'url'
      | 'region'
      | 'percent'
      | 'number',
  ) =>
  (key: string, zh: string, en: string, extra: Extra = {}) =>
    field(key, zh, en, { type }, extra);
const [text, longText, money, date, instant, boolean, phone, email, url, region, percent, number] = (
  [
    'text',
    'long_text',
    'money',
    'date',
    'instant',
    'boolean',
    'phone',
    'email',
    'url',
    'region',
    'percent',
    'number',
  ] as const
).map(plain) as [Plain, Plain, Plain, Plain, Plain, Plain, Plain, Plain, Plain, Plain, Plain, Plain];
type Plain = ReturnType<typeof plain>;
const choice = (key: string, zh: string, en: string, list: string, extra: Extra = {}) =>
  field(key, zh, en, { type: 'choice', list }, extra);
const reference = (key: string, zh: string, en: string, target: string, extra: Extra = {}) =>
  field(key, zh, en, { type: 'reference', target }, extra);
const many = (key: string, zh: string, en: string, target: string, extra: Extra = {}) =>
  field(key, zh, en, { type: 'many_reference', target }, extra);
const number_ = (key: string, zh: string, en: string, prefix: string, extra: Extra = {}) =>
  field(key, zh, en, { type: 'auto_number', prefix }, extra);
const w = (grid_width: number, extra: Extra = {}): Extra => ({ grid_width, ...extra });
const must = { required: true };

function entity(
  key: string,
  zh: string,
  en: string,
  title: string,
  fields: FieldDef[],
  system = false,
): EntityDef {
  return {
    key,
    label: { zh, en },
    title,
    root: 'own',
    scope: 'root',
    row_order: key === 'interaction' ? { by: 'occurred_at' } : 'inserted',
    system,
    fields,
  };
}

export const ENTITIES: EntityDef[] = [
  entity('customer', '客户', 'Customer', 'name', [
    text('name', '客户名称', 'Name', w(240, must)),
    number_('number', '客户编号', 'Number', 'CUST', w(140)),
    text('alias', '简称', 'Short name'),
    text('uscc', '统一社会信用代码', 'USCC', { format: 'uscc', max_length: 18, unique: true }),
    phone('phone', '电话', 'Phone', w(140)),
    email('email', '邮箱', 'E-mail'),
    url('website', '网址', 'Website'),
    choice('industry', '行业', 'Industry', 'customer.industry', w(110)),
    choice('source', '来源', 'Source', 'customer.source'),
    choice('category', '客户类型', 'Type', 'customer.category', w(110)),
    choice('level', '客户级别', 'Level', 'customer.level', w(90)),
    choice('lifecycle', '客户阶段', 'Lifecycle', 'customer.lifecycle', w(100)),
    region('region', '地区', 'Region', w(160)),
    text('address', '地址', 'Address', { max_length: 500 }),
    money('annual_value', '年采购额', 'Annual value', w(130)),
    many('tags', '标签', 'Tags', 'tag'),
    reference('owner', '负责人', 'Owner', 'user', w(100, { moves: true })),
    longText('note', '备注', 'Note'),
  ]),
  entity('contact', '联系人', 'Contact', 'name', [
    text('name', '姓名', 'Name', w(120, must)),
    reference('customer', '所属客户', 'Customer', 'customer', w(220, { moves: true })),
    text('title', '职位', 'Job title', w(120)),
    text('department', '部门', 'Department'),
    choice('gender', '性别', 'Gender', 'contact.gender'),
    phone('mobile', '手机', 'Mobile', w(140)),
    phone('phone', '座机', 'Phone'),
    email('email', '邮箱', 'E-mail', w(200)),
    text('wechat', '微信', 'WeChat'),
    boolean('key_person', '关键人', 'Key person'),
    date('birthday', '生日', 'Birthday'),
    many('tags', '标签', 'Tags', 'tag'),
    longText('note', '备注', 'Note'),
  ]),
  entity('participation', '参与', 'Participation', 'stub', [
    reference('customer', '客户', 'Customer', 'customer', must),
    reference('contact', '联系人', 'Contact', 'contact', must),
    reference('opportunity', '商机', 'Opportunity', 'opportunity'),
    choice('role', '角色', 'Role', 'participation.role'),
    choice('attitude', '态度', 'Attitude', 'participation.attitude'),
    text('stub', '姓名', 'Name', { read_only: true }),
  ]),
  entity('opportunity', '商机', 'Opportunity', 'name', [
    text('name', '商机名称', 'Name', w(240, must)),
    number_('number', '商机编号', 'Number', 'OPP'),
    reference('customer', '客户', 'Customer', 'customer', w(220, must)),
    reference('pipeline', '销售流程', 'Pipeline', 'pipeline', must),
    reference('stage', '阶段', 'Stage', 'stage', w(120, must)),
    money('amount', '预计金额', 'Amount', w(130)),
    percent('probability', '赢率', 'Probability', { min: 0, max: 100 }),
    date('expected_close', '预计成交日期', 'Expected close', w(130)),
    choice('lost_reason', '失败原因', 'Lost reason', 'opportunity.lost_reason'),
    text('next_step', '下一步', 'Next step'),
    many('tags', '标签', 'Tags', 'tag'),
    reference('owner', '负责人', 'Owner', 'user', w(100, { moves: true })),
    longText('note', '备注', 'Note'),
  ]),
  entity('interaction', '互动', 'Interaction', 'summary', [
    choice('kind', '方式', 'Kind', 'interaction.kind', w(90, must)),
    instant('occurred_at', '时间', 'Time', w(150, must)),
    reference('customer', '客户', 'Customer', 'customer', w(220, must)),
    reference('opportunity', '商机', 'Opportunity', 'opportunity'),
    many('contacts', '参与人员', 'Participants', 'contact'),
    longText('summary', '摘要', 'Summary', w(420, must)),
    text('next_step', '后续行动', 'Next step'),
    reference('owner', '记录人', 'Logged by', 'user'),
  ]),
  entity('reminder', '提醒', 'Reminder', 'title', [
    text('title', '事项', 'Title', w(280, must)),
    instant('due_at', '时间', 'Due', w(150, must)),
    reference('customer', '客户', 'Customer', 'customer', w(220)),
    reference('contact', '联系人', 'Contact', 'contact'),
    reference('opportunity', '商机', 'Opportunity', 'opportunity'),
    reference('interaction', '来自互动', 'From interaction', 'interaction'),
    reference('outcome', '完成记录', 'Outcome', 'interaction'),
    instant('done_at', '完成时间', 'Done'),
    reference('owner', '负责人', 'Owner', 'user'),
    longText('note', '备注', 'Note'),
  ]),
  entity(
    'tag',
    '标签',
    'Tag',
    'name',
    [text('name', '名称', 'Name', must), text('color', '颜色', 'Color')],
    true,
  ),
  entity('user', '用户', 'User', 'name', [text('name', '姓名', 'Name', must)], true),
  entity(
    'option',
    '选项',
    'Option',
    'name',
    [
      text('list', '选项表', 'List', { required: true, read_only: true }),
      text('name', '名称', 'Name', must),
      text('name_en', '英文名称', 'English name'),
      text('color', '颜色', 'Color'),
      number('position', '顺序', 'Position'),
      boolean('archived', '停用', 'Archived'),
    ],
    true,
  ),
  entity(
    'field_definition',
    '自定义字段',
    'Custom field',
    'name',
    [
      text('entity', '对象', 'Entity', { required: true, read_only: true }),
      text('name', '名称', 'Name', must),
      text('name_en', '英文名称', 'English name'),
      text('type', '类型', 'Type', { required: true, read_only: true }),
      boolean('required', '必填', 'Required'),
      number('min', '最小值', 'Minimum'),
      number('max', '最大值', 'Maximum'),
      number('position', '顺序', 'Position'),
      boolean('archived', '停用', 'Archived'),
    ],
    true,
  ),
];

const LISTS: Record<string, [zh: string, en: string, color: string][]> = {
  'customer.industry': [
    ['制造业', 'Manufacturing', ''],
    ['电力能源', 'Energy', ''],
    ['石油化工', 'Petrochemicals', ''],
    ['建筑工程', 'Construction', ''],
    ['信息技术', 'IT', ''],
    ['交通物流', 'Transport', ''],
  ],
  'customer.source': [
    ['老客户介绍', 'Referral', ''],
    ['展会', 'Trade fair', ''],
    ['电话咨询', 'Inbound call', ''],
    ['网上搜索', 'Web search', ''],
  ],
  'customer.category': [
    ['最终用户', 'End user', 'blue'],
    ['设计院', 'Design institute', 'purple'],
    ['系统集成商', 'System integrator', 'cyan'],
    ['经销商', 'Distributor', 'orange'],
    ['合作伙伴', 'Partner', 'green'],
  ],
  'customer.level': [
    ['A 重点', 'A Key', 'red'],
    ['B 重要', 'B Important', 'orange'],
    ['C 普通', 'C Regular', 'blue'],
    ['D 一般', 'D Minor', 'default'],
  ],
  'customer.lifecycle': [
    ['潜在', 'Potential', 'default'],
    ['意向', 'Interested', 'blue'],
    ['成交', 'Won', 'green'],
    ['维护', 'Maintained', 'cyan'],
    ['流失', 'Lost', 'red'],
  ],
  'contact.gender': [
    ['男', 'Male', ''],
    ['女', 'Female', ''],
  ],
  'participation.role': [
    ['决策人', 'Decision maker', 'red'],
    ['影响人', 'Influencer', 'orange'],
    ['使用人', 'User', 'blue'],
  ],
  'participation.attitude': [
    ['支持', 'Supports', 'green'],
    ['中立', 'Neutral', 'default'],
    ['反对', 'Opposes', 'red'],
  ],
  'opportunity.lost_reason': [
    ['价格过高', 'Price', ''],
    ['输给对手', 'Lost to a rival', ''],
    ['项目取消', 'Project cancelled', ''],
  ],
  'interaction.kind': [
    ['拜访', 'Visit', 'blue'],
    ['电话', 'Call', 'green'],
    ['微信', 'WeChat', 'cyan'],
    ['邮件', 'E-mail', 'purple'],
    ['会议', 'Meeting', 'orange'],
  ],
};

export const OPTIONS: OptionView[] = Object.entries(LISTS).flatMap(([list, options]) =>
  options.map(([name, name_en, color], n) => ({
    id: `option-${list}-${n}`,
    list,
    name,
    name_en,
    color,
    archived: false,
  })),
);

const STAGES: Record<string, [name: string, name_en: string, probability: number, outcome: string][]> = {
  project: [
    ['线索确认', 'Qualified', 10, 'open'],
    ['需求分析', 'Needs analysis', 25, 'open'],
    ['方案提交', 'Proposal', 50, 'open'],
    ['商务谈判', 'Negotiation', 75, 'open'],
    ['赢单', 'Won', 100, 'won'],
    ['输单', 'Lost', 0, 'lost'],
  ],
  supply: [
    ['询价', 'Enquiry', 20, 'open'],
    ['报价', 'Quoted', 50, 'open'],
    ['样品确认', 'Sample approved', 70, 'open'],
    ['成交', 'Won', 100, 'won'],
    ['未成交', 'Lost', 0, 'lost'],
  ],
};

const pipeline = (key: string, name: string, name_en: string): PipelineView => ({
  id: `pipeline-${key}`,
  name,
  name_en,
  stages: (STAGES[key] ?? []).map(([stage, english, probability, outcome], n) => ({
    id: `stage-${key}-${n}`,
    name: stage,
    name_en: english,
    probability,
    outcome,
  })),
});

export const PIPELINES = [
  pipeline('project', '项目型销售', 'Project sale'),
  pipeline('supply', '供货型销售', 'Supply sale'),
];

export function catalogView(): CatalogView {
  return {
    catalog: { entities: structuredClone(ENTITIES) },
    options: structuredClone(OPTIONS),
    pipelines: structuredClone(PIPELINES),
    users: [],
    tags: [],
    removed: {},
  };
}
