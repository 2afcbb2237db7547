/** The state of the sync in words and tones, for the badge, the panel and the settings alike. */
import dayjs from 'dayjs';
import { codeText, isKnownCode } from '../../components/feedback/error-text';
import { showInstantShort } from '../../components/fields/times';
import { CLOCK_OFF } from '../../data/sync';
import { i18n, type TFunction } from '../../i18n';
import type { Finding, SyncPhase, SyncProgress, SyncStatus } from '../../transport/contract';
import { TransportError } from '../../transport/transport';

export type Tone = 'good' | 'calm' | 'due' | 'bad';

/** What a person has to do something about is not the same as what the network does. */
export function toneOf({ phase, trouble, clock_offset }: SyncStatus): Tone {
  if (phase === 'stopped' || trouble?.stops) return 'bad';
  if (phase === 'offline' || phase === 'paused' || Math.abs(clock_offset) > CLOCK_OFF) return 'due';
  return phase === 'up_to_date' ? 'good' : 'calm';
}

const TEXTS = i18n.getResourceBundle('zh-CN', 'translation').sync as {
  troubles: object;
};

export interface TroubleWords {
  title: string;
  safe: string;
  todo: string;
  /** Shown for copying where there are no words for it. */
  code: string | null;
}

/** What happened, what is safe, what to do. */
export function troubleWords(t: TFunction, code: string): TroubleWords {
  const known = Object.hasOwn(TEXTS.troubles, code);
  const key = (known ? code : 'unknown') as 'offline';
  return {
    title: t(`sync.troubles.${key}.title`),
    safe: t(`sync.troubles.${key}.safe`),
    todo: t(`sync.troubles.${key}.todo`),
    code: known ? null : code,
  };
}

/** What kept a request from the server, by the code that the sync itself has for it; `null` for anything else. */
export function linkCode(code: string): string | null {
  const bare = code.startsWith('sync_') ? code.slice('sync_'.length) : null;
  return bare !== null && Object.hasOwn(TEXTS.troubles, bare) ? bare : null;
}

/** The same for anything that a request threw: about the way to the server, or a plain sentence. */
export function thrownWords(t: TFunction, thrown: unknown): TroubleWords {
  const { code, params } = TransportError.from(thrown);
  const trouble = linkCode(code);
  if (trouble !== null) return troubleWords(t, trouble);
  return { title: codeText(code, params), safe: '', todo: '', code: isKnownCode(code) ? null : code };
}

const count = ({ params }: Finding, key: string) => Number(params[key] ?? 0);

/** A link of the way that did not hold is told by its reason, which says what to do. */
function reasonWords(t: TFunction, { code, params }: Finding): string {
  const known = [params.reason, code].find((one) => one && Object.hasOwn(TEXTS.troubles, one));
  const { title, todo } = troubleWords(t, known ?? params.reason ?? code);
  return t('sync.findingLine', { title, todo });
}

/** A finding of the self-test in plain words, with what to do where something is the matter. */
export function findingWords(t: TFunction, finding: Finding): string {
  const { level, code, params } = finding;
  const room = megabytes(count(finding, 'left_mb'));
  if (code === 'disk')
    return t(level === 'ok' ? 'sync.check.findings.disk' : 'sync.check.findings.diskFull', { room });
  if (level === 'problem') return reasonWords(t, finding);
  switch (code) {
    case 'clock': {
      const minutes = Math.round(Math.abs(count(finding, 'offset_ms')) / MINUTE);
      return level === 'ok' ? t('sync.check.findings.clock') : t('sync.check.findings.clockOff', { minutes });
    }
    case 'rights':
      return t('sync.check.findings.rights', { role: roleWords(t, params.role) });
    case 'outbox':
      return level === 'ok'
        ? t('sync.check.findings.outbox')
        : t('sync.check.findings.outboxWaits', { count: count(finding, 'count') });
    case 'attention':
      return t('sync.check.findings.attention', { count: count(finding, 'count') });
    case 'server':
    case 'paused':
    case 'not_joined':
      return t(`sync.check.findings.${code}`);
    default:
      return level === 'ok' ? t('sync.check.findings.unknown', { code }) : reasonWords(t, finding);
  }
}

/** 12.4 GB; below one as 350 MB. */
const megabytes = (mb: number): string =>
  mb >= 1024 ? `${(mb / 1024).toLocaleString(i18n.language, { maximumFractionDigits: 1 })} GB` : `${mb} MB`;

const ROLES = ['salesperson', 'manager', 'admin'] as const;

export const roleWords = (t: TFunction, role: string | null | undefined): string =>
  t(`sync.roles.${ROLES.find((one) => one === role) ?? 'unknown'}`);

/** 正在发送 32,000 / 100,000. */
export function progressWords(t: TFunction, { step, done, total }: SyncProgress): string {
  const known = step === 'receiving' || step === 'comparing' ? step : 'sending';
  return total === null
    ? t(`sync.progress.${known}Some`, { done })
    : t(`sync.progress.${known}`, { done: Math.min(done, total), total });
}

/** Whole per cent; none while it is not known how much there is. */
export const percentOf = ({ done, total }: SyncProgress): number | null =>
  total ? Math.min(100, Math.floor((done / total) * 100)) : null;

const MINUTE = 60_000;
const STEPS: [Intl.RelativeTimeFormatUnit, number, number][] = [
  ['minute', MINUTE, 60 * MINUTE],
  ['hour', 60 * MINUTE, 24 * 60 * MINUTE],
  ['day', 24 * 60 * MINUTE, 7 * 24 * 60 * MINUTE],
];

/** 刚刚, 2小时前, 3天前; a week and more by its date. */
export function agoWords(t: TFunction, at: number, now = Date.now()): string {
  const age = now - at;
  if (age < MINUTE) return t('sync.justNow');
  const step = STEPS.find(([, , until]) => age < until);
  if (!step) return showInstantShort(at, now);
  return new Intl.RelativeTimeFormat(i18n.language).format(-Math.floor(age / step[1]), step[0]);
}

/** 今天 10:42 as 10:42, else with its day. */
export const clockWords = (at: number, now = Date.now()): string => showInstantShort(at, now);

export const fullTime = (at: number): string => dayjs(at).format('YYYY-MM-DD HH:mm:ss');

/** What has to do with the way to the server rather than with the server. */
const AWAY = new Set(['offline', 'portal', 'certificate', 'cut', 'timeout']);

/** The state as one word. A server that is there and puts one off is not called offline. */
export function phaseWords(
  t: TFunction,
  { phase, trouble }: { phase: SyncPhase; trouble: SyncStatus['trouble'] },
): string {
  const retrying = phase === 'offline' && trouble !== null && !AWAY.has(trouble.code);
  return t(retrying ? 'sync.phases.retrying' : `sync.phases.${phase}`);
}
