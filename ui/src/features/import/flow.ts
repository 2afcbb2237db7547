/**
 * The import under way. It belongs to the window, not to the page: whoever leaves the page finds it where
 * it was, and what runs goes on. One import at a time.
 */
import { create } from 'zustand';
import { holdUnsaved } from '../../app/unsaved';
import { ask } from '../../components/feedback/ask';
import { showToast } from '../../components/feedback/toasts';
import { queryClient } from '../../data/client';
import { followSteps, tellStep } from '../../data/steps';
import { redo, showError } from '../../data/writes';
import { i18n } from '../../i18n';
import type {
  DuplicateRule,
  Imported,
  ImportOpen,
  ImportOpened,
  ImportPlanned,
  Undone,
} from '../../transport/contract';
import { type AnyEvent, call, TransportError } from '../../transport/transport';
import { openAtNextRow, openAtPreviewRow } from './header';
import { type Assigned, carriedOver, guessed, type Mapping } from './mapping';
import { markRedone, markUndone, rememberImport } from './recent';

export type Step = 'file' | 'columns' | 'check' | 'result';

export interface Working {
  kind: 'opening' | 'planning' | 'applying';
  /** As the core names it: `reading`, `planning`, `applying`. */
  phase: string;
  done: number;
  total: number | null;
  cancelling: boolean;
}

export interface PlanChoices {
  rule: DuplicateRule;
  skipHidden: boolean;
  fillMerged: boolean;
}

interface Flow extends PlanChoices {
  step: Step;
  path: string | null;
  opened: ImportOpened | null;
  mapping: Mapping;
  /** Columns that lost their field to another column, with the name of that one. */
  movedTo: Readonly<Record<number, string>>;
  planned: ImportPlanned | null;
  /** Counts plans, so that rows of an older one are not taken for this one's. */
  plans: number;
  /** Whether the file has merged cells, also while they are filled. */
  hasMerged: boolean;
  working: Working | null;
  refusal: TransportError | null;
  result: Imported | null;
  undone: Undone | null;
  /** The page is in sight. */
  watched: boolean;
  /** How a run ended while nobody watched. */
  news: 'done' | 'refused' | null;
}

const EMPTY: Flow = {
  step: 'file',
  path: null,
  opened: null,
  mapping: {},
  movedTo: {},
  planned: null,
  plans: 0,
  hasMerged: false,
  rule: 'skip',
  skipHidden: false,
  fillMerged: true,
  working: null,
  refusal: null,
  result: null,
  undone: null,
  watched: false,
  news: null,
};

export const useFlow = create<Flow>(() => EMPTY);
const { getState: now, setState: set } = useFlow;

/** Answers of an older turn are not for what is on screen any more. */
let turn = 0;

const starting = (kind: Working['kind']): Working => ({
  kind,
  phase: kind === 'applying' ? 'applying' : 'reading',
  done: 0,
  total: null,
  cancelling: false,
});

function close(opened: ImportOpened | null): void {
  // The core forgets its imports with the window anyway.
  if (opened) void call('import_close', { import: opened.import }).catch(() => undefined);
}

const fresh = (opened: ImportOpened): Partial<Flow> => ({
  opened,
  mapping: guessed(opened.columns),
  movedTo: {},
  planned: null,
  hasMerged: false,
  step: 'columns',
  working: null,
});

/** Someone has matched its columns or had its rows checked, and nothing is written yet. */
function isPrepared({ opened, result, planned, mapping }: Flow): boolean {
  if (!opened || result) return false;
  return planned !== null || JSON.stringify(mapping) !== JSON.stringify(guessed(opened.columns));
}

const mayGiveUp = (file: string): Promise<boolean> =>
  ask({
    title: i18n.t('imports.giveUp.title', { file }),
    text: i18n.t('imports.giveUp.text'),
    ok: i18n.t('imports.giveUp.ok'),
    danger: true,
  });

holdUnsaved('import', () => isPrepared(now()) || now().working?.kind === 'applying');

/** Opens a file from the beginning; one that is being written is not disturbed. */
export async function openFile(path: string): Promise<void> {
  const before = now();
  if (before.working?.kind === 'applying') {
    showToast({ text: i18n.t('imports.busy', { file: before.opened?.file ?? '' }) });
    return;
  }
  if (isPrepared(before) && !(await mayGiveUp(before.opened?.file ?? ''))) return;
  close(now().opened);
  turn += 1;
  const mine = turn;
  const { rule, watched, plans } = now();
  set({ ...EMPTY, rule, watched, plans, path, working: starting('opening') });
  try {
    const opened = await call('import_open', { path });
    if (mine === turn) set(fresh(opened));
    else close(opened);
  } catch (thrown) {
    if (mine === turn) set({ working: null, refusal: TransportError.from(thrown) });
  }
}

/** Looks into the open file another way; what is on screen stays until that succeeded. */
async function reopen(look: (open: ImportOpened) => Promise<ImportOpened>): Promise<ImportOpened | null> {
  const { opened, working } = now();
  if (!opened || working) return null;
  turn += 1;
  const mine = turn;
  set({ working: starting('opening'), refusal: null });
  try {
    const answer = await look(opened);
    if (mine !== turn) {
      close(answer);
      return null;
    }
    close(opened);
    set(fresh(answer));
    return answer;
  } catch (thrown) {
    if (mine === turn) set({ working: null, refusal: TransportError.from(thrown) });
    return null;
  }
}

const openWith = (rest: Omit<ImportOpen, 'path'>): Promise<ImportOpened> =>
  call('import_open', { path: now().path ?? '', ...rest });

export const chooseSheet = (sheet: string) => reopen(() => openWith({ sheet }));

export const choosePreviewRow = (index: number) =>
  reopen((opened) =>
    openAtPreviewRow(opened, index, (header_row) => openWith({ sheet: opened.sheet, header_row }), close),
  );

export const moveHeader = (direction: 1 | -1) =>
  reopen((opened) =>
    openAtNextRow(opened, direction, (header_row) => openWith({ sheet: opened.sheet, header_row })),
  );

/** Reads the file again after it was mended elsewhere, and checks it the same way. */
export async function readAgain(): Promise<void> {
  const before = now();
  if (!before.opened) return;
  const { sheet, header_rows } = before.opened;
  const answer = await reopen(() => openWith({ sheet, header_row: header_rows[0] }));
  const mapping = answer && carriedOver(before.mapping, before.opened.columns, answer.columns);
  if (!mapping) return;
  set({ mapping });
  await checkRows();
}

export function setMapping({ mapping, released }: Assigned, column: number): void {
  const names = new Map(now().opened?.columns.map(({ index, name }) => [index, name]));
  const movedTo: Record<number, string> = { ...now().movedTo };
  delete movedTo[column];
  if (released !== null) movedTo[released] = names.get(column) ?? '';
  // The plan was made for other columns.
  set({ mapping, movedTo, planned: null });
}

export const setRule = (rule: DuplicateRule): void => set({ rule, planned: null });

/** Steps that can be gone to from here; a finished import is left by beginning another. */
export function reachable({ opened, planned, result, working }: Flow): Step[] {
  if (working || result) return [];
  return ['file', ...(opened ? ['columns' as const] : []), ...(planned ? ['check' as const] : [])];
}

export const goTo = (step: Step): void => set({ step, refusal: null });

export const dismissRefusal = (): void => set({ refusal: null });

/** Ends a run: tells whoever is elsewhere in the window how it went. */
const ended = (news: Flow['news']): Partial<Flow> => ({ working: null, news: now().watched ? null : news });

/** Plans every row; nothing is written. */
export async function checkRows(choices: Partial<PlanChoices> = {}): Promise<void> {
  const { opened, mapping } = now();
  if (!opened) return;
  turn += 1;
  const mine = turn;
  set({ ...choices, working: starting('planning'), refusal: null, news: null });
  const { rule, skipHidden, fillMerged } = now();
  try {
    const planned = await call('import_plan', {
      import: opened.import,
      mapping,
      duplicates: rule,
      skip_hidden: skipHidden,
      fill_merged: fillMerged,
    });
    if (mine !== turn) return;
    set((flow) => ({
      ...ended('done'),
      step: 'check',
      planned,
      plans: flow.plans + 1,
      hasMerged: flow.hasMerged || planned.merged_ranges > 0,
    }));
  } catch (thrown) {
    if (mine !== turn) return;
    set({ ...ended('refused'), step: 'columns', planned: null, refusal: TransportError.from(thrown) });
  }
}

/** Writes what was planned. */
export async function apply(): Promise<void> {
  const { opened, planned, working } = now();
  if (!opened || !planned || working) return;
  turn += 1;
  set({ working: starting('applying'), refusal: null, news: null });
  try {
    const result = await call('import_apply', { import: opened.import });
    set({ ...ended('done'), result, undone: null, step: 'result' });
    rememberImport(opened.file, Date.now(), result);
    // One was made before the first row was written.
    void queryClient.invalidateQueries({ queryKey: ['backups'] });
  } catch (thrown) {
    set({ ...ended('refused'), refusal: TransportError.from(thrown) });
  }
}

export function cancel(): void {
  const { opened, working } = now();
  if (!opened || !working || working.cancelling) return;
  set({ working: { ...working, cancelling: true } });
  void call('import_cancel', { import: opened.import }).catch(showError);
}

/** The file that is being looked into, as the core numbers it. */
let openingNumber: number | null = null;

/** Gives up a file that takes too long to open; what was on screen before comes back. */
export function cancelOpening(): void {
  if (now().working?.kind !== 'opening') return;
  // What still comes back belongs to nobody.
  turn += 1;
  set({ working: null });
  if (openingNumber === null) return;
  // It may have been opened in the meantime: then nothing runs that could be stopped.
  void call('import_cancel', { import: openingNumber }).catch(() => undefined);
}

export function startAnew(): void {
  const { opened, rule, watched, plans } = now();
  close(opened);
  turn += 1;
  set({ ...EMPTY, rule, watched, plans });
}

/** Takes a whole import back; what was changed since stays and is told. */
export async function takeBack(tx: string): Promise<void> {
  try {
    const undone = await call('undo', { tx });
    tellStep('undo', undone);
    showToast({
      tone: 'good',
      text: i18n.t('imports.undoneToast', { count: undone.changed }),
      action: { label: i18n.t('common.redo'), run: () => void redo(undone.tx) },
    });
  } catch (thrown) {
    showError(thrown);
  }
}

// An import is taken back and brought back from many places: here, by key, by a toast.
followSteps((kind, answer) => {
  const { result, undone } = now();
  if (kind === 'undo') {
    if (result?.tx === answer.of) set({ undone: answer });
    markUndone(answer.of, answer.tx);
  } else {
    // What brought it back is the step to take back from now on.
    if (result && undone?.tx === answer.of) set({ undone: null, result: { ...result, tx: answer.tx } });
    markRedone(answer.of, answer.tx);
  }
});

export function watch(watched: boolean): void {
  set(watched ? { watched, news: null } : { watched });
}

/** The bar moves at most ten times a second, whatever the core tells. */
const BEAT = 100;
type Progress = Extract<AnyEvent, { type: 'import_progress' }>;
let latest: Progress | null = null;
let resting = false;

export function showProgress(event: Progress): void {
  if (event.phase === 'opening') {
    openingNumber = event.import;
    return;
  }
  latest = event;
  if (!resting) drawProgress();
}

function drawProgress(): void {
  const { opened, working } = now();
  if (!latest || !working || opened?.import !== latest.import) return;
  const { phase, done, total } = latest;
  latest = null;
  set({ working: { ...working, phase, done, total } });
  resting = true;
  setTimeout(() => {
    resting = false;
    drawProgress();
  }, BEAT);
}
