/** Values of fields as text, and text as values: one place for lists, forms, clipboard and chips. */
import type { CatalogIndex } from '../../data/catalog';
import { knownRegion, shortRegion } from '../../data/regions';
import type { FieldDef, JsonValue, Titles } from '../../transport/contract';
import { call } from '../../transport/transport';
import { amountOf, HOME_CURRENCY, isMoney, plainMoney, showMoney, showNumber } from './amounts';
import { readDecimal, readPercent } from './read-number';
import { regionNamed } from './region-names';
import { readExact, showInstant } from './times';

export interface Names {
  catalog: CatalogIndex;
  titles: Titles;
  yes: string;
  no: string;
  separator: string;
}

export const isEmpty = (value: JsonValue | undefined): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);

export const asIds = (value: JsonValue | undefined): string[] =>
  Array.isArray(value)
    ? value.filter((id): id is string => typeof id === 'string')
    : typeof value === 'string'
      ? [value]
      : [];

/** The name of a record that a value refers to, in the window's language where it has two; its id's beginning where no name is known. */
export function nameOf(id: string, names: Pick<Names, 'catalog' | 'titles'>): string {
  return names.catalog.nameOf(id) ?? names.titles[id] ?? `${id.slice(0, 8)}…`;
}

export const isNumeric = (field: FieldDef): boolean => ['number', 'percent', 'money'].includes(field.type);

/** The value in words, as a list shows it; empty for nothing. */
export function showValue(field: FieldDef, value: JsonValue | undefined, names: Names): string {
  if (isEmpty(value)) return '';
  const { language } = names.catalog;
  switch (field.type) {
    case 'money':
      return isMoney(value) ? showMoney(value, language) : '';
    case 'number':
      return showNumber(Number(value), language);
    case 'percent':
      return `${showNumber(Number(value), language)}%`;
    case 'instant':
      return showInstant(Number(value));
    case 'boolean':
      return value === true ? names.yes : names.no;
    case 'region': {
      const region = knownRegion(String(value));
      return region ? shortRegion(region) : String(value);
    }
    case 'choice':
    case 'multi_choice':
    case 'reference':
    case 'many_reference':
      return asIds(value)
        .map((id) => nameOf(id, names))
        .join(names.separator);
    default:
      return String(value);
  }
}

/** The value as plain text that can be typed back: what editing starts from and what is copied. */
export function plainValue(field: FieldDef, value: JsonValue | undefined, names: Names): string {
  if (isEmpty(value)) return '';
  if (field.type === 'money' && isMoney(value)) return plainMoney(value);
  if (field.type === 'number' || field.type === 'percent') return String(value);
  return showValue(field, value, names);
}

/**
 * Why a value that an editor gave on cannot be saved, as an error code: text that is no amount, number or
 * time is given on as it was typed. `null` where nothing is wrong with its shape.
 */
export function unreadable(field: FieldDef, value: JsonValue | undefined): string | null {
  if (typeof value !== 'string' || value === '') return null;
  switch (field.type) {
    case 'money': {
      const read = amountOf(value, HOME_CURRENCY);
      return typeof read === 'string' ? read : 'amount_format';
    }
    case 'number':
    case 'percent':
      return 'number_format';
    case 'date':
      return readExact(value) ? null : 'date_format';
    case 'instant':
      return 'date_format';
    default:
      return null;
  }
}

/** Text that is no value of the field; `code` is one of the window's error codes. */
export class NotAValue extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

const YES = new Set(['是', '有', '对', 'true', 'yes', 'y', '1', '√', '✓']);
const NO = new Set(['否', '无', '不', 'false', 'no', 'n', '0', '×']);

/** Pasted or typed text as a value; throws `NotAValue`. References are found by their exact name. */
export async function readValue(
  field: FieldDef,
  text: string,
  catalog: CatalogIndex,
  before: JsonValue = null,
): Promise<JsonValue> {
  const typed = text.trim();
  if (!typed) return null;
  switch (field.type) {
    case 'money': {
      const money = amountOf(typed, isMoney(before) ? before[1] : HOME_CURRENCY);
      if (typeof money === 'string') throw new NotAValue(money);
      return money;
    }
    case 'number':
    case 'percent': {
      const decimal = field.type === 'percent' ? readPercent(typed) : readDecimal(typed);
      if (decimal === null) throw new NotAValue('number_format');
      return Number(decimal);
    }
    case 'boolean': {
      const word = typed.toLowerCase();
      if (YES.has(word)) return true;
      if (NO.has(word)) return false;
      throw new NotAValue('wrong_type');
    }
    case 'date': {
      const exact = readExact(typed);
      return exact ? exact.date : (await call('parse_when', { text: typed })).date;
    }
    case 'instant': {
      const exact = readExact(typed);
      return exact ? exact.instant : (await call('parse_when', { text: typed })).instant;
    }
    case 'choice':
      return readOption(field.list, typed, catalog);
    case 'multi_choice':
      return splitNames(typed).map((name) => readOption(field.list, name, catalog));
    case 'reference':
      return readReference(field.target, typed, catalog);
    case 'many_reference':
      return Promise.all(splitNames(typed).map((name) => readReference(field.target, name, catalog)));
    case 'region': {
      const code = /^\d{6}$/.test(typed) ? typed : await regionNamed(typed);
      if (code === null) throw new NotAValue('region_unknown');
      return code;
    }
    default:
      return typed;
  }
}

const splitNames = (text: string): string[] =>
  text
    .split(/[、,，;；\n]/)
    .map((name) => name.trim())
    .filter(Boolean);

function readOption(list: string, name: string, catalog: CatalogIndex): string {
  const known = catalog
    .options(list)
    .find((option) => !option.archived && [option.name, option.name_en].includes(name));
  if (!known) throw new NotAValue('option_unknown');
  return known.id;
}

async function readReference(target: string, name: string, catalog: CatalogIndex): Promise<string> {
  const local: { id: string; name: string }[] =
    target === 'user'
      ? catalog.users
      : target === 'tag'
        ? catalog.tags
        : target === 'stage'
          ? catalog.pipelines.flatMap((pipeline) => pipeline.stages)
          : target === 'pipeline'
            ? catalog.pipelines
            : [];
  const known = local.find((one) => one.name === name);
  if (known) return known.id;
  const { hits } = await call('search', { text: name, limit: 10, entities: [target] });
  const exact = hits.filter((hit) => hit.title === name);
  if (exact.length !== 1 || !exact[0]) throw new NotAValue('reference_unknown');
  return exact[0].id;
}
