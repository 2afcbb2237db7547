/** Money and numbers as people type and read them. Amounts are integer minor units of a currency. */
import type { JsonValue } from '../../transport/contract';

export type Money = [minor: number, currency: string];
export const HOME_CURRENCY = 'CNY';

export const isMoney = (value: JsonValue | undefined): value is Money =>
  Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'string';

/** Digits behind the point: 2 for CNY, 0 for JPY; 2 where the currency is unknown. */
export function minorDigits(currency: string): number {
  try {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    return format.resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

const FACTORS: Record<string, number> = { 千: 3, 万: 4, 萬: 4, 百万: 6, 千万: 7, 亿: 8, k: 3, m: 6 };

/**
 * A decimal as typed (`1,234.5`, `12.5万`, `￥300`, full width) as its digits, without passing through a
 * binary fraction; `null` where it is none. The answer is a plain decimal string.
 */
export function readDecimal(text: string): string | null {
  const plain = text
    .normalize('NFKC')
    .replace(/[\s,，_']/g, '')
    .replace(/^(?:[¥$€£]|rmb|cny)/i, '')
    .replace(/元$/, '');
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(百万|千万|[千万萬亿kKmM])?$/.exec(plain);
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', unit] = match;
  if (!whole && !fraction) return null;
  const shift = unit ? (FACTORS[unit.toLowerCase()] ?? 0) : 0;
  const digits = whole + fraction.padEnd(shift, '0');
  const point = whole.length + shift;
  const left = digits.slice(0, point).replace(/^0+(?=\d)/, '') || '0';
  const right = digits.slice(point).replace(/0+$/, '');
  return `${sign === '-' ? '-' : ''}${left}${right ? `.${right}` : ''}`;
}

/** `12.5万` as minor units, rounded half up at the last digit; `null` where it is no amount. */
export function readMoney(text: string, currency: string): Money | null {
  const decimal = readDecimal(text);
  if (decimal === null) return null;
  const negative = decimal.startsWith('-');
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const digits = minorDigits(currency);
  const kept = Number(whole + fraction.slice(0, digits).padEnd(digits, '0'));
  const rounded = kept + (Number(fraction[digits] ?? 0) >= 5 ? 1 : 0);
  if (!Number.isSafeInteger(rounded)) return null;
  return [negative && rounded !== 0 ? -rounded : rounded, currency];
}

/** The amount as plain digits, for editing and for the clipboard. */
export function plainMoney([minor, currency]: Money): string {
  const digits = minorDigits(currency);
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  const whole = digits ? text.slice(0, -digits) : text;
  const fraction = digits ? text.slice(-digits).replace(/0+$/, '') : '';
  return `${minor < 0 ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}

const formats = new Map<string, Intl.NumberFormat>();

function format(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  let known = formats.get(key);
  if (!known) {
    known = new Intl.NumberFormat(language, options);
    formats.set(key, known);
  }
  return known;
}

/** ¥1,200,000; decimals only where there are any. */
export function showMoney([minor, currency]: Money, language: string): string {
  const digits = minorDigits(currency);
  const scale = 10 ** digits;
  const whole = minor % scale === 0;
  try {
    return format(language, {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      minimumFractionDigits: whole ? 0 : digits,
      maximumFractionDigits: whole ? 0 : digits,
    }).format(minor / scale);
  } catch {
    return `${currency} ${plainMoney([minor, currency])}`;
  }
}

/** A short form for headings and totals: ¥1,234万 in Chinese, ¥12.3M in English. */
export function showMoneyShort([minor, currency]: Money, language: string): string {
  const scale = 10 ** minorDigits(currency);
  if (Math.abs(minor / scale) < 10_000) return showMoney([minor, currency], language);
  try {
    return format(language, {
      style: 'currency',
      currency,
      currencyDisplay: 'narrowSymbol',
      notation: 'compact',
      minimumFractionDigits: 0,
      maximumFractionDigits: 1,
    }).format(minor / scale);
  } catch {
    return showMoney([minor, currency], language);
  }
}

export const showNumber = (value: number, language: string): string =>
  format(language, { maximumFractionDigits: 6 }).format(value);
