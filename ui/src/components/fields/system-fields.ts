/** What every record has beside its fields; the core shows, sorts, filters and exports by it as by any field. */
import type { EntityDef, FieldDef, Label } from '../../transport/contract';

const moment = (key: string, label: Label): FieldDef => ({
  key,
  label,
  type: 'instant',
  required: false,
  unique: false,
  read_only: true,
  custom: false,
  format: null,
  min: null,
  max: null,
  max_length: null,
  search: 'none',
  merge: 'scalar',
  sensitive: false,
  indexed: false,
  by_pinyin: false,
  key_class: null,
  moves: false,
  // Shown by those who ask for it.
  grid_width: 0,
});

/** Named as in an export. */
const SYSTEM = [
  moment('created_at', { zh: '创建时间', en: 'Created' }),
  moment('updated_at', { zh: '更新时间', en: 'Updated' }),
];

const whole = new WeakMap<EntityDef, FieldDef[]>();

/** Fields that a list can show, sort and filter by; the same array for the same entity. */
export function listFields(entity: EntityDef): FieldDef[] {
  let fields = whole.get(entity);
  if (!fields) {
    fields = [...entity.fields, ...SYSTEM];
    whole.set(entity, fields);
  }
  return fields;
}
