/** Settings, in sections; each choice is kept at once. */
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Form, Input, Segmented, Slider, Switch, TimePicker } from 'antd';
import dayjs from 'dayjs';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isComposing } from '../../components/keys';
import { updateSettings, useSettings, useStatus } from '../../data/status';
import { useAccount } from '../../data/sync';
import { tried, updateRecord } from '../../data/writes';
import { LANGUAGES } from '../../i18n';
import type { Settings as SettingsType } from '../../transport/contract';
import { SyncSettings } from '../sync/SyncSettings';
import { CustomFields } from './CustomFields';
import { DataSettings } from './DataSettings';
import { OptionLists } from './OptionLists';
import { SECTIONS, type Section } from './sections';

const set = (change: Partial<SettingsType>) => void tried(updateSettings(change));

export function Settings() {
  const { t } = useTranslation();
  const { section: asked } = useSearch({ from: '/settings' });
  const navigate = useNavigate();
  const section = SECTIONS.find((one) => one === asked) ?? 'look';
  const pages: Record<Section, ReactNode> = {
    look: <Look />,
    habits: <Habits />,
    fields: <CustomFields />,
    options: <OptionLists />,
    sync: <SyncSettings />,
    data: <DataSettings />,
    about: <About />,
  };
  return (
    <section className="settings" data-testid="settings">
      <nav className="settings-nav" aria-label={t('settings.title')}>
        <h1>{t('settings.title')}</h1>
        {SECTIONS.map((one) => (
          <button
            key={one}
            type="button"
            aria-current={one === section ? 'page' : undefined}
            onClick={() => void navigate({ to: '/settings', search: { section: one } })}
            data-testid={`settings-${one}`}
          >
            {t(`settings.sections.${one}`)}
          </button>
        ))}
      </nav>
      <div className="settings-page">
        <h2>{t(`settings.sections.${section}`)}</h2>
        {pages[section]}
      </div>
    </section>
  );
}

function Look() {
  const { t } = useTranslation();
  const settings = useSettings();
  return (
    <Form layout="vertical" component="div">
      <Form.Item label={t('settings.language')}>
        <Segmented
          value={settings.language}
          options={LANGUAGES}
          onChange={(language) => set({ language })}
          data-testid="settings-language"
        />
      </Form.Item>
      <Form.Item label={t('settings.theme')}>
        <Segmented
          value={settings.theme}
          options={(['light', 'dark', 'system'] as const).map((value) => ({
            value,
            label: t(`settings.themes.${value}`),
          }))}
          onChange={(theme) => set({ theme })}
          data-testid="settings-theme"
        />
      </Form.Item>
      <Form.Item label={t('settings.density')}>
        <Segmented
          value={settings.density}
          options={(['comfortable', 'compact'] as const).map((value) => ({
            value,
            label: t(`settings.densities.${value}`),
          }))}
          onChange={(density) => set({ density })}
          data-testid="settings-density"
        />
      </Form.Item>
      <Form.Item label={t('settings.fontSize')}>
        <Slider
          min={90}
          max={150}
          step={10}
          defaultValue={settings.font_size}
          marks={{ 90: '90%', 100: '100%', 125: '', 150: '150%' }}
          tooltip={{ formatter: (value) => `${value}%` }}
          onChangeComplete={(size) => set({ font_size: size })}
          className="settings-slider"
          ariaLabelForHandle={t('settings.fontSize')}
        />
      </Form.Item>
    </Form>
  );
}

/** The name under which one's own work stands in the history. */
function OwnName() {
  const { t } = useTranslation();
  const user = useStatus().data?.user;
  const [name, setName] = useState(user?.name ?? '');
  useEffect(() => setName(user?.name ?? ''), [user?.name]);
  if (!user) return null;
  const keep = () => {
    const typed = name.trim();
    if (!typed) setName(user.name);
    else if (typed !== user.name) void tried(updateRecord('user', user.id, { name: typed }, typed));
  };
  return (
    <Form.Item label={t('settings.name')} extra={t('settings.nameHint')} htmlFor="settings-name">
      <Input
        id="settings-name"
        className="settings-select"
        value={name}
        maxLength={100}
        autoComplete="off"
        data-testid="settings-name"
        onChange={(event) => setName(event.target.value)}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !isComposing(event)) keep();
        }}
      />
    </Form.Item>
  );
}

const TIME = 'HH:mm';

function Habits() {
  const { t } = useTranslation();
  const settings = useSettings();
  const time = (value: string, change: (next: string) => void, label: string) => (
    <TimePicker
      value={dayjs(value, TIME)}
      format={TIME}
      minuteStep={5}
      allowClear={false}
      needConfirm={false}
      aria-label={label}
      onChange={(next) => next && change(next.format(TIME))}
    />
  );
  return (
    <Form layout="vertical" component="div">
      <OwnName />
      <Form.Item>
        <label className="settings-switch" htmlFor="close-to-tray">
          <Switch
            id="close-to-tray"
            checked={settings.close_to_tray}
            data-testid="settings-tray"
            onChange={(close_to_tray) => set({ close_to_tray })}
          />
          {t('settings.closeToTray')}
        </label>
      </Form.Item>
      <Form.Item label={t('settings.quietHours')} extra={t('settings.quietHint')}>
        <div className="settings-row">
          <span>{t('settings.quietFrom')}</span>
          {time(settings.quiet_from, (quiet_from) => set({ quiet_from }), t('settings.quietFrom'))}
          <span>{t('settings.quietTo')}</span>
          {time(settings.quiet_to, (quiet_to) => set({ quiet_to }), t('settings.quietTo'))}
        </div>
      </Form.Item>
    </Form>
  );
}

function About() {
  const { t } = useTranslation();
  const status = useStatus().data;
  const account = useAccount();
  if (!status) return null;
  return (
    <>
      <dl className="facts">
        <div>
          <dt>{t('settings.about.version')}</dt>
          <dd>
            {t('common.app')} {status.version}
          </dd>
        </div>
        <div>
          <dt>{t('settings.about.user')}</dt>
          <dd>{status.user?.name}</dd>
        </div>
      </dl>
      <p className="soft">
        {account ? t('settings.about.joined', { server: account.server }) : t('settings.about.offline')}
      </p>
    </>
  );
}
