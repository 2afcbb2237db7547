/** An amount: plain digits, thousands commas or 12.5万; the currency stays what it was. */
import { Input } from 'antd';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JsonValue } from '../../transport/contract';
import { isComposing } from '../keys';
import { HOME_CURRENCY, isMoney, plainMoney, readDecimal, readMoney, showMoney } from './amounts';

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
  const [bad, setBad] = useState(false);
  const shown = useRef(JSON.stringify(value ?? null));
  const { toText } = reading;

  useEffect(() => {
    const now = JSON.stringify(value ?? null);
    if (shown.current !== now) {
      shown.current = now;
      setText(toText(value));
      setBad(false);
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
        const typed = event.target.value;
        setText(typed);
        const next = typed.trim() ? reading.read(typed) : null;
        setBad(next === undefined);
        if (next !== undefined) {
          shown.current = JSON.stringify(next);
          onChange?.(next);
        }
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
  const currency = isMoney(props.value) ? props.value[1] : HOME_CURRENCY;
  return (
    <AmountInput
      {...props}
      reading={readingOf(currency)}
      unit={currency === HOME_CURRENCY ? '¥' : currency}
      hint={isMoney(props.value) ? showMoney(props.value, i18n.language) : t('fields.amountHint')}
    />
  );
}

const readings = new Map<string, Reading>();

/** One steady reading for each currency, so that typing does not reset the text. */
function readingOf(currency: string): Reading {
  let known = readings.get(currency);
  if (!known) {
    known = {
      toText: (value) => (isMoney(value) ? plainMoney(value) : ''),
      read: (text) => readMoney(text, currency) ?? undefined,
    };
    readings.set(currency, known);
  }
  return known;
}

const NUMBER: Reading = {
  toText: (value) => (value === null || value === undefined ? '' : String(value)),
  read(text) {
    const decimal = readDecimal(text.replace(/[%％]\s*$/, ''));
    return decimal === null ? undefined : Number(decimal);
  },
};

export const NumberField = (props: AmountProps) => <AmountInput {...props} reading={NUMBER} />;
