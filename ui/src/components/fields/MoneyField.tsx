/**
 * An amount: plain digits, thousands commas or 12.5万; the currency stays what it was. Text that is none is
 * given on as it is and refused by whoever saves, so that a mistyped amount is never cut to what could be read.
 */
import { Input } from 'antd';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JsonValue } from '../../transport/contract';
import { isComposing } from '../keys';
import { HOME_CURRENCY, isMoney, plainMoney, readMoney, showMoney } from './amounts';
import { readDecimal, readPercent } from './read-number';

interface AmountProps {
  value?: JsonValue | undefined;
  onChange?(value: JsonValue): void;
  id?: string;
  autoFocus?: boolean;
  seed?: string | undefined;
  status?: 'error' | '';
  disabled?: boolean;
  /** Shown behind the digits, e.g. %. */
  unit?: string;
  'aria-label'?: string;
  'data-testid'?: string;
  onKeyDown?(event: KeyboardEvent<HTMLInputElement>): void;
  onBlur?(): void;
}

interface Reading {
  toText(value: JsonValue | undefined): string;
  read(text: string): JsonValue | undefined;
}

function AmountInput({
  value,
  onChange,
  seed,
  unit,
  onKeyDown,
  onBlur,
  reading,
  hint,
  ...rest
}: AmountProps & { reading: Reading; hint?: string }) {
  const [text, setText] = useState(seed ?? reading.toText(value));
  const shown = useRef(JSON.stringify(value ?? null));
  const { toText } = reading;
  const bad = text.trim() !== '' && reading.read(text) === undefined;

  const give = (typed: string) => {
    const next = typed.trim() ? (reading.read(typed) ?? typed) : null;
    shown.current = JSON.stringify(next);
    onChange?.(next);
  };

  // The key that opened the editor is typed text like any other.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only where the field begins
  useEffect(() => {
    if (seed !== undefined) give(seed);
  }, []);

  useEffect(() => {
    const now = JSON.stringify(value ?? null);
    if (shown.current !== now) {
      shown.current = now;
      setText(toText(value));
    }
  }, [value, toText]);

  return (
    <Input
      {...rest}
      value={text}
      className="amount-input"
      inputMode="decimal"
      autoComplete="off"
      suffix={unit}
      title={hint}
      status={bad ? 'error' : (rest.status ?? '')}
      aria-invalid={bad}
      onChange={(event) => {
        setText(event.target.value);
        give(event.target.value);
      }}
      onKeyDown={(event) => {
        if (!isComposing(event)) onKeyDown?.(event);
      }}
      onBlur={() => onBlur?.()}
    />
  );
}

export function MoneyField(props: AmountProps) {
  const { t, i18n } = useTranslation();
  // Kept while the text is no amount, or none at all.
  const [known, setKnown] = useState(HOME_CURRENCY);
  const currency = isMoney(props.value) ? props.value[1] : known;
  if (currency !== known) setKnown(currency);
  return (
    <AmountInput
      {...props}
      reading={readingOf(currency)}
      unit={currency === HOME_CURRENCY ? '¥' : currency}
      hint={isMoney(props.value) ? showMoney(props.value, i18n.language) : t('fields.amountHint')}
    />
  );
}

/** A number's digits, or text that was given on unread. */
function textOf(value: JsonValue | undefined): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

const readings = new Map<string, Reading>();

/** One steady reading for each currency, so that typing does not reset the text. */
function readingOf(currency: string): Reading {
  let known = readings.get(currency);
  if (!known) {
    known = {
      toText: (value) => (isMoney(value) ? plainMoney(value) : textOf(value)),
      read: (text) => readMoney(text, currency) ?? undefined,
    };
    readings.set(currency, known);
  }
  return known;
}

const readingAs = (read: (text: string) => string | null): Reading => ({
  toText: textOf,
  read(text) {
    const decimal = read(text);
    return decimal === null ? undefined : Number(decimal);
  },
});

const NUMBER = readingAs(readDecimal);
const PERCENT = readingAs(readPercent);

export const NumberField = (props: AmountProps) => <AmountInput {...props} reading={NUMBER} />;
export const PercentField = (props: AmountProps) => <AmountInput {...props} reading={PERCENT} unit="%" />;
