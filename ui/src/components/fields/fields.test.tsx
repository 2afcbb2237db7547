import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { describe, expect, it, vi } from 'vitest';
import type { JsonValue } from '../../transport/contract';
import { mockWire } from '../../transport/mock/mock';
import { connect } from '../../transport/transport';
import { amountOf, plainMoney, readMoney, showMoney, showMoneyShort } from './amounts';
import { DateField, datesRead } from './DateField';
import { MoneyField, NumberField, PercentField } from './MoneyField';
import { readDecimal, readPercent } from './read-number';
import { addDaysToDate, readExact } from './times';

describe('amounts', () => {
  it.each([
    ['1234.5', '1234.5'],
    ['1,234,567', '1234567'],
    ['１２．５万', '125000'],
    ['-0.10', '-0.1'],
    ['1.2亿', '120000000'],
    ['80w', '800000'],
    ['80W', '800000'],
    ['5k', '5000'],
    ['5K', '5000'],
    ['3百', '300'],
    ['12,3456', '123456'],
    ['(3)', '-3'],
    ['1.5E3', '1500'],
    ['1.5e-3', '0.0015'],
    ['0012', '12'],
  ])('reads %s as %s', (typed, decimal) => expect(readDecimal(typed)).toBe(decimal));

  it.each(['', '十', '1.2.3', '12 apples', '-', '万', '1.2万5', '3m', '12,34', '12元'])(
    'refuses %s',
    (typed) => expect(readDecimal(typed)).toBeNull(),
  );

  it.each([
    ['12.5万元', 12_500_000, 'EUR'],
    ['￥300', 30_000, 'CNY'],
    ['人民币：1,200.00元整', 120_000, 'CNY'],
    ['RMB¥1,200', 120_000, 'CNY'],
    ['50万港元', 50_000_000, 'HKD'],
    ['$5,000.00', 500_000, 'USD'],
    ['（￥1,234.00）', -123_400, 'CNY'],
    ['¥-12', -1200, 'CNY'],
    ['JPY 1200', 1200, 'JPY'],
    ['80', 8000, 'EUR'],
  ])('reads the amount %s with the currency that it names', (typed, minor, currency) =>
    expect(readMoney(typed, 'EUR')).toEqual([minor, currency]),
  );

  it.each([
    ['1.234', 'amount_precision'],
    ['JPY 1.5', 'amount_precision'],
    ['900719925474099199', 'amount_range'],
    ['约5万', 'amount_format'],
    ['--5', 'amount_format'],
    ['¥', 'amount_format'],
  ])('says why %s is no amount: %s', (typed, code) => expect(amountOf(typed, 'CNY')).toBe(code));

  it('reads percent points with and without their sign', () => {
    for (const typed of ['13%', '１３％', '13 %', '13', '百分之13']) expect(readPercent(typed)).toBe('13');
  });

  it('keeps every fen without passing through binary fractions', () => {
    expect(readMoney('0.29', 'CNY')).toEqual([29, 'CNY']);
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

describe('AmountField', () => {
  it('gives an amount on whole or as it was typed, never its readable beginning', async () => {
    const onChange = vi.fn();
    render(<MoneyField aria-label="amount" value={[8000, 'USD']} onChange={onChange} />);
    const input = screen.getByLabelText<HTMLInputElement>('amount');
    for (const typed of ['80', '80x', '80x万']) fireEvent.change(input, { target: { value: typed } });
    expect(onChange).toHaveBeenLastCalledWith('80x万');
    expect(input.getAttribute('aria-invalid')).toBe('true');
    fireEvent.change(input, { target: { value: '80w' } });
    expect(onChange).toHaveBeenLastCalledWith([80_000_000, 'USD']);
  });

  it('keeps the currency while the text is no amount', () => {
    function Held() {
      const [value, setValue] = useState<JsonValue>([8000, 'USD']);
      return (
        <>
          <MoneyField aria-label="amount" value={value} onChange={setValue} />
          <output>{JSON.stringify(value)}</output>
        </>
      );
    }
    render(<Held />);
    const input = screen.getByLabelText<HTMLInputElement>('amount');
    for (const value of ['-', '-8', '-80']) fireEvent.change(input, { target: { value } });
    expect(input.value).toBe('-80');
    expect(screen.getByRole('status').textContent).toBe('[-8000,"USD"]');
  });

  it.each([
    ['money', MoneyField, [500, 'CNY']],
    ['number', NumberField, 5],
    ['percent', PercentField, 5],
  ] as const)('takes the key that opened a %s for its value', (_name, Field, expected) => {
    const onChange = vi.fn();
    render(<Field aria-label="n" seed="5" value={null} onChange={onChange} />);
    expect(onChange).toHaveBeenLastCalledWith(expected);
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

  it('reads the key that opened it', async () => {
    const { onChange } = begin({ seed: '5', value: '2026-11-25' });
    await act(() => datesRead());
    expect(onChange).toHaveBeenCalled();
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
