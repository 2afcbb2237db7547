/** Money and numbers as people type and read them. Amounts are integer minor units of a currency. */
import type { JsonValue } from '../../transport/contract';
import { readAmount } from './read-number';

export type Money = [minor: number, currency: string];
export const HOME_CURRENCY = 'CNY';

export const isMoney = (value: JsonValue | undefined): value is Money =>
  Array.isArray(value) && typeof value[0] === 'number' && typeof value[1] === 'string';

/** Currencies without a smaller unit, as the core knows them. */
const WHOLE = new Set(['JPY', 'KRW', 'VND']);

/** Digits behind the point: 2 for CNY, 0 for JPY. */
export const minorDigits = (currency: string): number => (WHOLE.has(currency) ? 0 : 2);

/** What keeps a text from being an amount, as an error code. */
type NoAmount = 'amount_format' | 'amount_precision' | 'amount_range';

/**
 * `12.5万` as minor units of the currency it names, else of the given one; the code of an error where it is
 * no amount. Decimals that the currency does not have are never rounded away in silence.
 */
export function amountOf(text: string, currency: string): Money | NoAmount {
  const read = readAmount(text);
  if (!read) return 'amount_format';
  const unit = read.currency ?? currency;
  const [whole = '0', fraction = ''] = read.decimal.replace('-', '').split('.');
  const digits = minorDigits(unit);
  if (fraction.length > digits) return 'amount_precision';
  const minor = Number(whole + fraction.padEnd(digits, '0'));
  if (!Number.isSafeInteger(minor)) return 'amount_range';
  return [read.decimal.startsWith('-') ? -minor : minor, unit];
}

/** The same; `null` where it is no amount. */
export function readMoney(text: string, currency: string): Money | null {
  const read = amountOf(text, currency);
  return typeof read === 'string' ? null : read;
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
