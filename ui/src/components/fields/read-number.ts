/**
 * Numbers and amounts as people type them, read as the core reads them in an import
 * (crates/model/src/parse/number.rs), but for numbers written out in Chinese numerals.
 */

/** Units at the end of a number, as powers of ten; longer ones first. */
const UNITS: [unit: string, power: number][] = [
  ['万亿', 12],
  ['亿', 8],
  ['億', 8],
  ['千万', 7],
  ['百万', 6],
  ['十万', 5],
  ['万', 4],
  ['萬', 4],
  ['w', 4],
  ['千', 3],
  ['k', 3],
  ['百', 2],
];

/** Signs and words that name a currency; those that begin with another stand before it. */
const CURRENCIES: [mark: string, code: string][] = [
  ['人民币', 'CNY'],
  ['rmb', 'CNY'],
  ['cny', 'CNY'],
  ['cn¥', 'CNY'],
  ['¥', 'CNY'],
  ['us$', 'USD'],
  ['usd', 'USD'],
  ['美元', 'USD'],
  ['美金', 'USD'],
  ['hk$', 'HKD'],
  ['hkd', 'HKD'],
  ['港元', 'HKD'],
  ['港币', 'HKD'],
  ['nt$', 'TWD'],
  ['twd', 'TWD'],
  ['新台币', 'TWD'],
  ['台币', 'TWD'],
  ['s$', 'SGD'],
  ['sgd', 'SGD'],
  ['新加坡元', 'SGD'],
  ['a$', 'AUD'],
  ['aud', 'AUD'],
  ['澳元', 'AUD'],
  ['c$', 'CAD'],
  ['cad', 'CAD'],
  ['加元', 'CAD'],
  ['$', 'USD'],
  ['eur', 'EUR'],
  ['€', 'EUR'],
  ['欧元', 'EUR'],
  ['gbp', 'GBP'],
  ['£', 'GBP'],
  ['英镑', 'GBP'],
  ['jpy', 'JPY'],
  ['日元', 'JPY'],
  ['日圆', 'JPY'],
  ['krw', 'KRW'],
  ['₩', 'KRW'],
  ['韩元', 'KRW'],
  ['mop', 'MOP'],
  ['澳门元', 'MOP'],
  ['chf', 'CHF'],
  ['瑞士法郎', 'CHF'],
];

const tidy = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replace(/[−–]/g, '-').replace(/\s+/g, ' ').trim();

/** Whether a text is negative, by sign or by an accountant's brackets, and the rest of it. */
function signOf(text: string): [negative: boolean, rest: string] {
  const inner = /^\((.*)\)$/.exec(text.trim());
  if (inner) return [true, (inner[1] ?? '').trim()];
  const [, sign = '', rest = ''] = /^([-+负]?)(.*)$/.exec(text.trim()) ?? [];
  return [sign === '-' || sign === '负', rest.trim()];
}

/** `1,234,567` or `12,3456`: a separator counts only where all groups behind it are of three or all of four digits. */
function withoutSeparators(whole: string): string | null {
  const [first = '', ...rest] = whole.split(/[, '_]/);
  const fits = (size: number) =>
    first.length >= 1 && first.length <= size && rest.every((group) => group.length === size);
  return rest.length === 0 || fits(3) || fits(4) ? first + rest.join('') : null;
}

/** Digits times a power of ten, as a plain decimal without needless zeros. */
function shifted(whole: string, fraction: string, power: number): string {
  const digits = whole + fraction.padEnd(Math.max(0, power), '0');
  const point = whole.length + power;
  const padded = point < 0 ? digits.padStart(digits.length - point, '0') : digits;
  const left = padded.slice(0, Math.max(0, point)).replace(/^0+(?=\d)/, '') || '0';
  const right = padded.slice(Math.max(0, point)).replace(/0+$/, '');
  return right ? `${left}.${right}` : left;
}

/** A tidied number without its unit's currency. */
function read(text: string): string | null {
  const [negative, bare] = signOf(text);
  const unit = UNITS.find(([word]) => bare.endsWith(word));
  const digits = unit ? bare.slice(0, -unit[0].length).trimEnd() : bare;
  const match = /^(-?)([\d, '_]*)(?:\.(\d*))?(?:e([-+]?\d{1,2}))?$/.exec(digits);
  if (!match) return null;
  const [, sign = '', grouped = '', fraction = '', exponent = '0'] = match;
  const whole = withoutSeparators(grouped);
  if (whole === null || (!whole && !fraction)) return null;
  const decimal = shifted(whole, fraction, Number(exponent) + (unit?.[1] ?? 0));
  return (sign === '-') !== negative && decimal !== '0' ? `-${decimal}` : decimal;
}

/**
 * A number (`1,234.5`, `12.5万`, `(3)`, full width) as a plain decimal string, without passing through a
 * binary fraction; `null` where it is none.
 */
export const readDecimal = (text: string): string | null => read(tidy(text));

/** Percent points: `13%`, `百分之13` and a bare `13` are all 13. */
export const readPercent = (text: string): string | null =>
  read(
    tidy(text)
      .replace(/%$/, '')
      .replace(/^百分之/, '')
      .trim(),
  );

/** Takes a currency off either end. 元 alone belongs to the number and names no currency: 50 万港元 does. */
function splitCurrency(text: string): [code: string | null, rest: string] {
  for (const [mark, code] of CURRENCIES) {
    if (text.startsWith(mark)) {
      const rest = text.slice(mark.length).replace(/^[: ]+/, '');
      // RMB ¥1,200: said twice.
      const [again, inner] = splitCurrency(rest);
      return [code, again === code ? inner : rest];
    }
    if (text.endsWith(mark)) return [code, text.slice(0, -mark.length).trimEnd()];
  }
  return [null, text];
}

/** An amount as a plain decimal, and the currency that it names. */
export function readAmount(text: string): { decimal: string; currency: string | null } | null {
  const [negative, inner] = signOf(tidy(text));
  const [currency, rest] = splitCurrency(inner);
  const plain = rest
    .replace(/[整正]+$/, '')
    .trim()
    .replace(/(?:元|圆|块钱|块)$/, '')
    .trim();
  const decimal = read(plain);
  if (decimal === null || (negative && decimal.startsWith('-'))) return null;
  return { decimal: negative && decimal !== '0' ? `-${decimal}` : decimal, currency };
}
