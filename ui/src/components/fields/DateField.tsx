/**
 * A date or a time, text first: 今天, 下周三, +3d, 1125 15:00. What was understood is spelled out below while
 * typing; ↑ and ↓ go a day back and forth; the calendar is there for those who like it.
 */
import { CalendarOutlined } from '@ant-design/icons';
import { Button, Calendar, Input, type InputRef, Popover } from 'antd';
import dayjs from 'dayjs';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { JsonValue } from '../../transport/contract';
import { call, TransportError } from '../../transport/transport';
import { codeText } from '../feedback/error-text';
import { isComposing } from '../keys';
import { addDays, addDaysToDate, DATE, readExact, showInstant, spellInstant } from './times';

interface Understood {
  date: string;
  time: string | null;
  instant: number;
  workday?: boolean;
}

interface DateFieldProps {
  /** A civil date, or an instant in milliseconds with `withTime`. */
  value?: JsonValue | undefined;
  onChange?(value: JsonValue): void;
  withTime?: boolean;
  id?: string;
  autoFocus?: boolean;
  /** Text to begin with instead of the value: the key that opened the editor. */
  seed?: string | undefined;
  status?: 'error' | '';
  disabled?: boolean;
  'aria-label'?: string;
  'data-testid'?: string;
  onKeyDown?(event: KeyboardEvent<HTMLInputElement>): void;
  onBlur?(): void;
}

const asText = (value: JsonValue | undefined, withTime: boolean): string => {
  if (value === null || value === undefined || value === '') return '';
  return withTime && typeof value === 'number' ? showInstant(value) : String(value);
};

const reading = new Set<Promise<void>>();

/** Settles when every typed date has been understood or refused; forms wait for it before they save. */
export async function datesRead(): Promise<void> {
  while (reading.size) await Promise.all(reading);
}

async function understand(text: string): Promise<Understood> {
  return readExact(text) ?? (await call('parse_when', { text }));
}

export function DateField({
  value,
  onChange,
  withTime = false,
  seed,
  onKeyDown,
  onBlur,
  ...rest
}: DateFieldProps) {
  const { t, i18n } = useTranslation();
  const [text, setText] = useState(seed ?? asText(value, withTime));
  const [understood, setUnderstood] = useState<Understood | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [calendar, setCalendar] = useState(false);
  const [focused, setFocused] = useState(false);
  const hint = useId();
  const input = useRef<InputRef>(null);
  const shown = useRef(value);
  const asked = useRef(0);

  // A value set from outside (undo, another editor) replaces the text.
  useEffect(() => {
    if (shown.current !== value) {
      shown.current = value;
      setText(asText(value, withTime));
      setUnderstood(null);
      setProblem(null);
    }
  }, [value, withTime]);

  const give = (next: JsonValue) => {
    shown.current = next;
    onChange?.(next);
  };
  const asValue = (when: Understood): JsonValue => (withTime ? when.instant : when.date);

  /**
   * Gives the value on as soon as the text is understood. Text that is not is given on as it is: the core
   * refuses it at this field, so that a mistyped day is never dropped in silence.
   */
  const read = (typed: string) => {
    const work: Promise<void> = readNow(typed).finally(() => reading.delete(work));
    reading.add(work);
  };

  const readNow = async (typed: string) => {
    asked.current += 1;
    const mine = asked.current;
    setProblem(null);
    if (!typed.trim()) {
      setUnderstood(null);
      give(null);
      return;
    }
    try {
      const when = await understand(typed);
      if (mine !== asked.current) return;
      setUnderstood(when);
      give(asValue(when));
    } catch (thrown) {
      if (mine !== asked.current) return;
      setUnderstood(null);
      setProblem(TransportError.from(thrown).code);
      give(typed);
    }
  };

  // The key that opened the editor is typed text like any other.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only where the field begins
  useEffect(() => {
    if (seed !== undefined) read(seed);
  }, []);

  const step = (days: number) => {
    const exact = understood ?? readExact(text);
    const from = exact?.instant ?? dayjs().hour(9).minute(0).second(0).millisecond(0).valueOf();
    const next = exact ? addDays(from, days) : from;
    const date = exact ? addDaysToDate(exact.date, days) : dayjs(from).format(DATE);
    settle({ date, time: exact?.time ?? null, instant: next });
  };

  const settle = (when: Understood) => {
    asked.current += 1;
    setUnderstood(when);
    setProblem(null);
    setText(withTime ? showInstant(when.instant) : when.date);
    give(asValue(when));
  };

  const keyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (isComposing(event)) return;
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault();
      step(event.key === 'ArrowUp' ? 1 : -1);
      return;
    }
    if (event.key === 'Escape' && calendar) {
      event.stopPropagation();
      setCalendar(false);
      return;
    }
    onKeyDown?.(event);
  };

  const leave = () => {
    setFocused(false);
    if (understood) setText(withTime ? showInstant(understood.instant) : understood.date);
    onBlur?.();
  };

  const picked = understood ?? readExact(text);
  return (
    <span className="date-field">
      <Input
        {...rest}
        ref={input}
        value={text}
        allowClear
        autoComplete="off"
        status={problem && !focused ? 'error' : (rest.status ?? '')}
        aria-describedby={hint}
        aria-invalid={problem !== null}
        placeholder={t(withTime ? 'fields.timePlaceholder' : 'fields.datePlaceholder')}
        onChange={(event) => {
          setText(event.target.value);
          read(event.target.value);
        }}
        onFocus={() => setFocused(true)}
        onKeyDown={keyDown}
        onBlur={leave}
        suffix={
          <Popover
            open={calendar}
            onOpenChange={setCalendar}
            trigger="click"
            placement="bottomRight"
            destroyOnHidden
            content={
              <div className="date-field-calendar">
                <Calendar
                  fullscreen={false}
                  value={dayjs(picked?.instant ?? undefined)}
                  onSelect={(day, { source }) => {
                    const time = picked ? dayjs(picked.instant) : dayjs().hour(9).minute(0);
                    const at = day.hour(time.hour()).minute(time.minute()).second(0).millisecond(0);
                    settle({ date: at.format(DATE), time: picked?.time ?? null, instant: at.valueOf() });
                    if (source === 'date') {
                      setCalendar(false);
                      input.current?.focus();
                    }
                  }}
                />
              </div>
            }
          >
            <Button
              type="text"
              size="small"
              tabIndex={-1}
              disabled={rest.disabled ?? false}
              icon={<CalendarOutlined />}
              aria-label={t('fields.openCalendar')}
            />
          </Popover>
        }
      />
      <span id={hint} className={`date-field-hint${problem ? ' bad' : ''}`} aria-live="polite">
        {focused && understood
          ? `${spellInstant(understood.instant, withTime, i18n.language)}${understood.workday === false ? ` · ${t('fields.notWorkday')}` : ''}`
          : problem && !focused
            ? codeText(problem)
            : ''}
      </span>
    </span>
  );
}
