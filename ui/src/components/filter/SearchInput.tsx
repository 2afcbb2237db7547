/** Searches as one types, but not while an input method is at work; what is typed is never written back. */
import { SearchOutlined } from '@ant-design/icons';
import { Input, type InputRef } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useShortcuts } from '../../app/shortcuts';
import { isComposing } from '../keys';

/** Typing settles for so long before it is searched for. */
const SETTLE = 150;

interface SearchInputProps {
  /** The search that is in force. */
  value: string;
  onSearch(text: string): void;
  label: string;
  className: string;
  'data-testid': string;
}

export function SearchInput({ value, onSearch, label, ...rest }: SearchInputProps) {
  const [text, setText] = useState(value);
  const input = useRef<InputRef>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const composing = useRef(false);
  const latest = useRef(onSearch);
  latest.current = onSearch;
  // Searches that were asked for and have not come back as `value` yet, the latest last.
  const asked = useRef<string[]>([]);
  const sent = useRef(value);
  useShortcuts([{ keys: '/', run: () => input.current?.focus() }]);

  useEffect(() => () => clearTimeout(timer.current), []);

  // A search set by something else (a saved view, a button that clears) is taken over, its own echo is not:
  // more may have been typed since.
  useEffect(() => {
    const echo = asked.current.indexOf(value);
    if (echo >= 0) {
      asked.current.splice(0, echo + 1);
      return;
    }
    if (value === sent.current || composing.current || timer.current !== undefined) return;
    asked.current = [];
    sent.current = value;
    setText(value);
  }, [value]);

  const later = (typed: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      const search = typed.trim();
      if (search === sent.current) return;
      sent.current = search;
      asked.current.push(search);
      latest.current(search);
    }, SETTLE);
  };

  return (
    <Input
      {...rest}
      ref={input}
      prefix={<SearchOutlined />}
      allowClear
      value={text}
      placeholder={label}
      aria-label={label}
      onCompositionStart={() => {
        composing.current = true;
        clearTimeout(timer.current);
        timer.current = undefined;
      }}
      onCompositionEnd={(event) => {
        composing.current = false;
        later(event.currentTarget.value);
      }}
      onChange={(event) => {
        setText(event.target.value);
        if (!composing.current) later(event.target.value);
      }}
      onKeyDown={(event) => {
        if (isComposing(event)) return;
        if (event.key === 'Escape' && text) {
          setText('');
          later('');
        }
      }}
    />
  );
}
