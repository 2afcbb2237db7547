import { act, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SearchInput } from './SearchInput';

const searched = vi.fn();
/** What is in force comes back some time after it was asked for, as through an address. */
let answer: (value: string) => void = () => undefined;

function Page() {
  const [value, setValue] = useState('');
  answer = setValue;
  return <SearchInput value={value} onSearch={searched} label="find" className="" data-testid="find" />;
}

const input = () => screen.getByTestId<HTMLInputElement>('find');
const type = (text: string) => fireEvent.change(input(), { target: { value: text } });
const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms));

describe('the search above a list', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    searched.mockClear();
    render(<Page />);
  });
  afterEach(() => void vi.useRealTimers());

  it('keeps the space behind a word while the search without it comes back', () => {
    type('Acme');
    wait(200);
    type('Acme ');
    act(() => answer('Acme'));
    expect(input().value).toBe('Acme ');
    type('Acme C');
    wait(200);
    expect(searched.mock.calls).toEqual([['Acme'], ['Acme C']]);
  });

  it('is not overwritten by an older search while a word is composed', () => {
    type('华');
    wait(200);
    fireEvent.compositionStart(input());
    type('华ke');
    act(() => answer('华'));
    wait(200);
    expect(input().value).toBe('华ke');
    type('华科');
    fireEvent.compositionEnd(input());
    wait(200);
    expect(searched).toHaveBeenLastCalledWith('华科');
  });

  it('is not overwritten by an older search that comes back after a newer one was asked for', () => {
    type('a');
    wait(200);
    type('ab');
    wait(200);
    act(() => answer('a'));
    expect(input().value).toBe('ab');
    act(() => answer('ab'));
    expect(input().value).toBe('ab');
  });

  it('takes over what something else has set', () => {
    type('a');
    wait(200);
    act(() => answer('a'));
    act(() => answer(''));
    expect(input().value).toBe('');
    act(() => answer('a'));
    expect(input().value).toBe('a');
  });
});
