import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { showError } from '../../data/writes';
import { showLanguage } from '../../i18n';
import { TransportError } from '../../transport/transport';
import { ErrorBlock } from './ErrorBlock';
import { codeText, errorText, unknownCode } from './error-text';
import { Toasts } from './Toasts';
import { showToast } from './toasts';

describe('the words of errors', () => {
  it('translates codes with their parameters', () => {
    expect(codeText('too_long', { max: '200' })).toBe('太长了，最多 200 个字');
    showLanguage('en');
    expect(codeText('too_long', { max: '200' })).toBe('Too long: 200 characters at most');
  });

  it('names the first refused field of a check', () => {
    const error = new TransportError('invalid', {}, 'uscc', [
      { field: 'uscc', code: 'uscc_checksum', params: {} },
    ]);
    expect(errorText(error)).toContain('校验位');
  });

  it('says something general for a code it does not know, and keeps the code for copying', () => {
    const error = TransportError.from({ code: 'moon_phase', params: {} });
    expect(errorText(error)).toContain('数据没有改动');
    expect(unknownCode(error)).toBe('moon_phase');
    expect(unknownCode(new TransportError('disk_full'))).toBeUndefined();
  });

  it('takes anything else for a lost connection', () => {
    expect(TransportError.from(new TypeError('fetch failed')).code).toBe('unreachable');
  });

  it('does not take a property of every object for a code', () => {
    expect(codeText('toString')).toBe(codeText('unknown'));
  });

  it('shows the sentence, the code and a way to try again', () => {
    const retry = vi.fn();
    render(<ErrorBlock error={{ code: 'damaged', params: {} }} onRetry={retry} />);
    expect(screen.getByRole('alert').textContent).toContain('数据文件已损坏');
    expect(screen.getByRole('alert').textContent).toContain('damaged');
    fireEvent.click(screen.getByTestId('error-retry'));
    expect(retry).toHaveBeenCalled();
  });
});

describe('toasts', () => {
  afterEach(() => vi.useRealTimers());

  it('stay ten seconds, and longer while the pointer rests on them', () => {
    vi.useFakeTimers();
    render(<Toasts />);
    act(() => void showToast({ text: 'saved', txs: ['tx-1'] }));
    act(() => void vi.advanceTimersByTime(9_000));
    expect(screen.getByTestId('toast-undo')).toBeTruthy();
    fireEvent.pointerEnter(screen.getByTestId('toast'));
    act(() => void vi.advanceTimersByTime(60_000));
    expect(screen.getByText('saved')).toBeTruthy();
    fireEvent.pointerLeave(screen.getByTestId('toast'));
    act(() => void vi.advanceTimersByTime(10_001));
    expect(screen.queryByText('saved')).toBeNull();
  });

  it('are three at most', () => {
    render(<Toasts />);
    act(() => {
      for (const text of ['1', '2', '3', '4']) showToast({ text });
    });
    expect(screen.getAllByTestId('toast').map((one) => one.textContent)).toEqual(['2', '3', '4']);
  });

  it('carry the code of an unknown error', () => {
    render(<Toasts />);
    act(() => showError({ code: 'moon_phase', params: {} }));
    expect(screen.getByTestId('toast').textContent).toContain('moon_phase');
  });
});
