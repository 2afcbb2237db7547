import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { mockWire } from '../../transport/mock/mock';
import { connect } from '../../transport/transport';
import { plainMoney, readDecimal, readMoney, showMoney, showMoneyShort } from './amounts';
import { DateField, datesRead } from './DateField';
import { addDaysToDate, readExact } from './times';

describe('amounts', () => {
  it.each([
    ['1234.5', '1234.5'],
    ['1,234,567', '1234567'],
    ['１２．５万', '125000'],
    ['12.5万元', '125000'],
    ['￥300', '300'],
    ['-0.10', '-0.1'],
    ['1.2亿', '120000000'],
    ['0012', '12'],
  ])('reads %s as %s', (typed, decimal) => expect(readDecimal(typed)).toBe(decimal));

  it.each(['', '十', '1.2.3', '12 apples', '-', '万'])('refuses %s', (typed) =>
    expect(readDecimal(typed)).toBeNull(),
  );

  it('keeps every fen without passing through binary fractions', () => {
    expect(readMoney('0.29', 'CNY')).toEqual([29, 'CNY']);
    expect(readMoney('1.005', 'CNY')).toEqual([101, 'CNY']);
    expect(readMoney('90071992547409.91', 'CNY')).toEqual([9007199254740991, 'CNY']);
    expect(readMoney('1234', 'JPY')).toEqual([1234, 'JPY']);
  });

  it('refuses an amount that no longer fits', () => {
    expect(readMoney('900719925474099199', 'CNY')).toBeNull();
  });

  it('writes what it reads', () => {
    for (const typed of ['0', '0.05', '12.5', '-3', '1200000']) {
      const money = readMoney(typed, 'CNY');
      expect(money && plainMoney(money)).toBe(typed);
    }
  });

  it('shows decimals only where there are any', () => {
    expect(showMoney([12_000_000, 'CNY'], 'zh-CN')).toBe('¥120,000');
    expect(showMoney([12_000_050, 'CNY'], 'zh-CN')).toBe('¥120,000.50');
    expect(showMoneyShort([123_000_000, 'CNY'], 'zh-CN')).toBe('¥123万');
  });
});

describe('times', () => {
  it('reads a full date and refuses one that does not exist', () => {
    expect(readExact('2026-11-25')?.date).toBe('2026-11-25');
    expect(readExact('2026-11-25 15:30')).toMatchObject({ date: '2026-11-25', time: '15:30' });
    expect(readExact('2026-02-30')).toBeNull();
    expect(readExact('明天')).toBeNull();
  });

  it('steps over the end of a month', () => {
    expect(addDaysToDate('2026-11-30', 1)).toBe('2026-12-01');
  });
});

describe('DateField', () => {
  const begin = (props: Partial<Parameters<typeof DateField>[0]> = {}) => {
    connect(mockWire({ customers: 0 }));
    const onChange = vi.fn();
    render(<DateField aria-label="when" onChange={onChange} {...props} />);
    return { onChange, input: screen.getByLabelText<HTMLInputElement>('when') };
  };

  it('understands words as the core does and writes the date when it is left', async () => {
    const { onChange, input } = begin();
    await userEvent.type(input, '+3d');
    await act(() => datesRead());
    expect(onChange).toHaveBeenLastCalledWith(expect.stringMatching(/^\d{4}-\d\d-\d\d$/));
    fireEvent.blur(input);
    expect(input.value).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  it('goes a day back and forth with the arrows', () => {
    const { onChange, input } = begin({ value: '2026-11-25' });
    fireEvent.keyDown(input, { key: 'ArrowUp' });
    expect(onChange).toHaveBeenLastCalledWith('2026-11-26');
    fireEvent.keyDown(input, { key: 'ArrowDown' });
    fireEvent.keyDown(input, { key: 'ArrowDown' });
    expect(onChange).toHaveBeenLastCalledWith('2026-11-24');
  });

  it('keeps the time of day when the day changes', () => {
    const at = new Date(2026, 10, 25, 15, 30).getTime();
    const { onChange, input } = begin({ value: at, withTime: true });
    expect(input.value).toBe('2026-11-25 15:30');
    fireEvent.keyDown(input, { key: 'ArrowUp' });
    expect(onChange).toHaveBeenLastCalledWith(new Date(2026, 10, 26, 15, 30).getTime());
  });

  it('gives a mistyped day on as it is, so that it is refused and not dropped', async () => {
    const { onChange, input } = begin({ value: '2026-11-25' });
    fireEvent.change(input, { target: { value: 'someday' } });
    await act(() => datesRead());
    expect(onChange).toHaveBeenLastCalledWith('someday');
    fireEvent.blur(input);
    await waitFor(() => expect(input.getAttribute('aria-invalid')).toBe('true'));
  });

  it('empties', () => {
    const { onChange, input } = begin({ value: '2026-11-25' });
    fireEvent.change(input, { target: { value: '' } });
    return act(() => datesRead()).then(() => expect(onChange).toHaveBeenLastCalledWith(null));
  });

  it('leaves keys to an input method', () => {
    const { onChange, input } = begin({ value: '2026-11-25' });
    fireEvent.keyDown(input, { key: 'ArrowUp', keyCode: 229 });
    expect(onChange).not.toHaveBeenCalled();
  });
});
