/** Taking work back before it is sent: what goes with it is told first, and what would be lost. */
import { ask } from '../../components/feedback/ask';
import { showToast } from '../../components/feedback/toasts';
import { queryClient } from '../../data/client';
import { tried } from '../../data/writes';
import { i18n } from '../../i18n';
import type { OutboxLine } from '../../transport/contract';
import { call } from '../../transport/transport';

/** A step of more operations than this is one line, so lines of one step lie no farther apart. */
const NEAR = 50;
/** Lines that the question names. */
const NAMED = 3;

/** The lines of the same step, which go together; `null` where that cannot be said. */
async function withIt(line: OutboxLine, index: number): Promise<OutboxLine[] | null> {
  if (line.count > 1) return [line];
  const offset = Math.max(0, index - NEAR);
  const answer = await tried(call('outbox', { offset, limit: index - offset + NEAR + 1 }));
  if (!answer) return null;
  const found = answer.lines.filter(({ tx }) => tx === line.tx);
  // Its place may be another one by now; it goes in any case.
  return found.some(({ op }) => op === line.op) ? found : [line, ...found];
}

async function sure(lines: OutboxLine[], count: number, wordsOf: (line: OutboxLine) => string) {
  const { t } = i18n;
  const isNew = lines.some(({ kind, origin }) => kind === 'create' || origin.startsWith('import'));
  if (count === 1 && !isNew) return true;
  const question = { ok: t('sync.outbox.cancel'), danger: true };
  const [first] = lines;
  if (count === 1 && first) {
    const title = t('sync.outbox.cancelNewTitle', { what: wordsOf(first) });
    return ask({ ...question, title, text: t('sync.outbox.cancelNewText') });
  }
  const shown = lines.slice(0, NAMED).map(wordsOf).join(t('common.separator'));
  const names = lines.length > NAMED ? t('sync.outbox.cancelAndOthers', { names: shown }) : shown;
  const told =
    lines.length > 1
      ? t('sync.outbox.cancelTogether', { names })
      : t('sync.outbox.cancelText', { what: names });
  const lost = isNew ? t('sync.outbox.cancelNew') : '';
  const text = [told, lost].filter(Boolean).join(' ');
  return ask({ ...question, title: t('sync.outbox.cancelTitle', { count }), text });
}

/** Says whether it was taken back. */
export async function takeBack(
  line: OutboxLine,
  index: number,
  wordsOf: (line: OutboxLine) => string,
): Promise<boolean> {
  const { t } = i18n;
  const lines = await withIt(line, index);
  if (!lines) return false;
  const count = lines.reduce((sum, one) => sum + one.count, 0);
  if (!(await sure(lines, count, wordsOf))) return false;
  if (!(await tried(call('outbox_cancel', { record: line.record, op: line.op })))) return false;
  const own = wordsOf(line);
  const what = lines.length > 1 ? t('sync.outbox.many', { what: own, count }) : own;
  showToast({ tone: 'good', text: t('sync.outbox.cancelled', { what }) });
  await queryClient.invalidateQueries({ predicate: ({ meta }) => meta?.sync === true });
  return true;
}
