import { expect, it } from 'vitest';
import type { Settings, Status } from '../transport/contract';
import { connect } from '../transport/transport';
import { queryClient } from './client';
import { DEFAULT_SETTINGS, showStatus, updateSettings } from './status';

const STATUS: Status = {
  state: { name: 'ready' },
  user: null,
  recovery_key_confirmed: true,
  key_store: 'keyring',
  data_dir: '',
  moved_aside: null,
  has_sample: false,
  version: '',
  settings: DEFAULT_SETTINGS,
};

it('two quick choices are both kept, whatever order their answers come in', async () => {
  const answers: ((settings: Settings) => void)[] = [];
  connect({
    listen: () => () => undefined,
    call: () => new Promise((answer) => answers.push(answer as (settings: Settings) => void)),
  });
  const shown = () => queryClient.getQueryData<Status>(['status'])?.settings;
  showStatus(STATUS);
  const first = updateSettings({ window: { columns: ['name'] } });
  const second = updateSettings({ window: { columns: ['name', 'phone'] }, theme: 'dark' });
  await expect.poll(() => answers.length).toBe(1);
  answers[0]?.({ ...DEFAULT_SETTINGS, window: { columns: ['name'] } });
  await first;
  expect(shown()).toMatchObject({ theme: 'dark', window: { columns: ['name', 'phone'] } });
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.({ ...DEFAULT_SETTINGS, theme: 'dark', window: { columns: ['name', 'phone'] } });
  await second;
  expect(shown()).toMatchObject({ theme: 'dark', window: { columns: ['name', 'phone'] } });
});
