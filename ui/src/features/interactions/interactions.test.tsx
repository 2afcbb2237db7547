import { fireEvent, screen, waitFor } from '@testing-library/react';
import dayjs from 'dayjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openAt } from '../../test/open-at';
import { renderInside } from '../../test/render';
import type { LogInteraction } from '../../transport/contract';
import { ENTITIES } from '../../transport/mock/catalog';
import { followUpAt } from './follow-up';
import { InteractionForm } from './InteractionForm';
import type { LogRequest } from './panel';

const CUSTOMER = 'customer-3';

const logged = (calls: { method: string; params: unknown }[]) =>
  calls.find(({ method }) => method === 'log_interaction')?.params as LogInteraction | undefined;

/** The form by itself: quicker to draw than the whole window. */
async function openForm(
  request: LogRequest = { customer: CUSTOMER },
  meddle: (method: string) => void = () => undefined,
) {
  const calls: { method: string; params: unknown }[] = [];
  const onDirty = vi.fn();
  const onSaved = vi.fn();
  renderInside(
    <InteractionForm
      request={request}
      now={Date.now()}
      onDirty={onDirty}
      onCancel={() => undefined}
      onSaved={onSaved}
    />,
    {},
    (method, params) => {
      calls.push({ method, params });
      meddle(method);
    },
  );
  const summary = await screen.findByTestId<HTMLTextAreaElement>('log-summary');
  return { calls, summary, onDirty, onSaved };
}

describe('logging an interaction in one go (R26)', () => {
  it('is about the customer in view and saved with Ctrl+Enter', async () => {
    const { calls } = await openAt(`/customers/${CUSTOMER}`);
    await screen.findByTestId('customer-page');
    fireEvent.keyDown(document.body, { key: 'l' });
    const summary = await screen.findByTestId('log-summary');
    expect(screen.queryByTestId('log-customer')).toBeNull();
    fireEvent.change(summary, { target: { value: '看了样机，价格可以接受' } });
    fireEvent.keyDown(summary, { key: 'Enter', ctrlKey: true });
    await waitFor(() => expect(screen.queryByTestId('log-interaction')).toBeNull());
    const { fields, follow_up } = logged(calls) as LogInteraction;
    expect(fields).toMatchObject({
      customer: CUSTOMER,
      summary: '看了样机，价格可以接受',
      kind: 'option-interaction.kind-0',
    });
    expect(Math.abs(Number(fields.occurred_at) - Date.now())).toBeLessThan(60_000);
    expect(follow_up).toBeUndefined();
    expect(await screen.findByTestId('toast-undo')).toBeTruthy();
    expect(await screen.findByText('看了样机，价格可以接受')).toBeTruthy();
  });

  it('does not save while an input method composes', async () => {
    const { calls, summary } = await openForm();
    fireEvent.change(summary, { target: { value: '看了' } });
    fireEvent.keyDown(summary, { key: 'Enter', ctrlKey: true, isComposing: true });
    fireEvent.keyDown(summary, { key: 'Enter', ctrlKey: true, keyCode: 229 });
    await new Promise((done) => setTimeout(done, 20));
    expect(logged(calls)).toBeUndefined();
  });

  it('sets the next follow-up by one click, named after the next step (B7)', async () => {
    const { calls, summary } = await openForm();
    fireEvent.change(summary, { target: { value: '谈了付款' } });
    fireEvent.change(screen.getByTestId('log-next-step'), { target: { value: '提交报价' } });
    fireEvent.click(screen.getByTestId('follow-up-in-three-days'));
    const title = await screen.findByTestId<HTMLInputElement>('follow-up-title');
    expect(title.placeholder).toBe('提交报价');
    fireEvent.keyDown(summary, { key: 'Enter', ctrlKey: true });
    await waitFor(() => expect(logged(calls)).toBeTruthy());
    const { follow_up } = logged(calls) as LogInteraction;
    expect(follow_up?.title).toBe('提交报价');
    expect(dayjs(follow_up?.due_at).format('YYYY-MM-DD HH:mm')).toBe(
      dayjs().add(3, 'day').format('YYYY-MM-DD 09:00'),
    );
  });

  it('stays open and says what is missing', async () => {
    const { calls } = await openForm();
    fireEvent.click(screen.getByTestId('log-save'));
    expect(await screen.findByText('必填')).toBeTruthy();
    expect(document.activeElement?.id).toBe('log-summary');
    expect(logged(calls)).toBeUndefined();
  });

  it('tells when something was typed that must not be thrown away', async () => {
    const { summary, onDirty } = await openForm();
    fireEvent.click(screen.getByTestId('log-kind-2'));
    expect(onDirty).toHaveBeenLastCalledWith(false);
    fireEvent.change(summary, { target: { value: '半句话' } });
    expect(onDirty).toHaveBeenLastCalledWith(true);
  });

  it.each([
    ['next step', () => fireEvent.change(screen.getByTestId('log-next-step'), { target: { value: '报价' } })],
    [
      'time',
      () => fireEvent.change(screen.getByTestId('log-time'), { target: { value: '2026-11-20 10:00' } }),
    ],
    ['people', () => fireEvent.click(screen.getAllByTestId('log-person')[0] as HTMLElement)],
    ['follow-up', () => fireEvent.click(screen.getByTestId('follow-up-tomorrow'))],
  ])('asks before the %s that a person filled in is lost', async (_what, fillIn) => {
    const { onDirty } = await openForm();
    await screen.findAllByTestId('log-person');
    fillIn();
    await waitFor(() => expect(onDirty).toHaveBeenLastCalledWith(true));
  });

  it('cuts the title of the reminder where the next step is longer than a title may be', async () => {
    const { calls, summary } = await openForm();
    fireEvent.change(summary, { target: { value: '谈了付款' } });
    fireEvent.change(screen.getByTestId('log-next-step'), { target: { value: '报'.repeat(300) } });
    fireEvent.click(screen.getByTestId('follow-up-tomorrow'));
    await screen.findByTestId('follow-up-title');
    fireEvent.click(screen.getByTestId('log-save'));
    await waitFor(() => expect(logged(calls)).toBeTruthy());
    expect(logged(calls)?.follow_up?.title).toBe('报'.repeat(200));
    expect(logged(calls)?.fields.next_step).toBe('报'.repeat(300));
  });

  it('says what the core refuses even where the form has no such field', async () => {
    const { summary } = await openForm(undefined, (method) => {
      if (method === 'log_interaction') {
        const errors = [{ field: 'place', code: 'required', params: {} }];
        throw { code: 'invalid', params: {}, field: 'place', errors };
      }
    });
    fireEvent.change(summary, { target: { value: '看了样机' } });
    fireEvent.click(screen.getByTestId('log-save'));
    expect((await screen.findByTestId('log-elsewhere')).textContent).toContain('必填');
  });

  it('completes the reminder that it answers', async () => {
    const { calls, summary } = await openForm({
      customer: CUSTOMER,
      answers: { id: 'reminder-1', title: '回访' },
    });
    expect(screen.getByText('保存后完成提醒「回访」')).toBeTruthy();
    fireEvent.change(summary, { target: { value: '已回访' } });
    fireEvent.click(screen.getByTestId('log-save'));
    await waitFor(() => expect(logged(calls)?.answers).toBe('reminder-1'));
  });
});

describe('fields that people have added to interactions', () => {
  const entity = ENTITIES.find(({ key }) => key === 'interaction');
  const summary = entity?.fields.find(({ key }) => key === 'summary');
  beforeEach(() => {
    const label = { zh: '客户情绪', en: 'Mood' };
    if (summary) entity?.fields.push({ ...summary, key: 'c_mood', label, custom: true, type: 'text' });
  });
  afterEach(() => void entity?.fields.pop());

  it('stand in the quick form, are asked for where they are required, and are saved', async () => {
    const { calls, summary: text } = await openForm();
    fireEvent.change(text, { target: { value: '看了样机' } });
    fireEvent.click(screen.getByTestId('log-save'));
    expect(await screen.findByText('必填')).toBeTruthy();
    fireEvent.change(screen.getByLabelText('客户情绪'), { target: { value: '高兴' } });
    fireEvent.click(screen.getByTestId('log-save'));
    await waitFor(() => expect(logged(calls)?.fields).toMatchObject({ c_mood: '高兴', summary: '看了样机' }));
  });
});

describe('the next workday', () => {
  it('steps over the weekend', async () => {
    await openAt('/customers');
    const at = dayjs(await followUpAt('nextWorkday'));
    expect([0, 6]).not.toContain(at.day());
    expect(at.isAfter(dayjs(), 'day')).toBe(true);
    expect(at.format('HH:mm')).toBe('09:00');
  });
});
