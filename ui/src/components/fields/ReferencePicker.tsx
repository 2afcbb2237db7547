/** Chooses one or several records by name, pinyin or initials; tags are made by typing a new one. */
import { Select } from 'antd';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../data/catalog';
import { tried } from '../../data/writes';
import type { Filter, JsonValue, Titles } from '../../transport/contract';
import { call } from '../../transport/transport';
import { isComposing } from '../keys';
import { asIds, nameOf } from './values';

/** What the record already says, which narrows the choice: a customer's people, a pipeline's stages. */
export interface ReferenceContext {
  customer?: string | null;
  pipeline?: string | null;
}

interface Choice {
  value: string;
  label: string;
  detail?: string;
}

interface ReferencePickerProps {
  target: string;
  multiple?: boolean;
  value?: JsonValue | undefined;
  onChange?(value: JsonValue): void;
  titles?: Titles;
  context?: ReferenceContext;
  id?: string;
  autoFocus?: boolean;
  defaultOpen?: boolean;
  /** Text to search for at once: the key that opened the editor. */
  seed?: string | undefined;
  status?: 'error' | '';
  disabled?: boolean;
  'aria-label'?: string;
  'data-testid'?: string;
  onKeyDown?(event: KeyboardEvent<HTMLElement>): void;
  onBlur?(): void;
}

const CREATE = 'create:';
const FOUND = 20;

/** Targets whose records all come with the catalog. */
const LOCAL = new Set(['user', 'tag', 'pipeline', 'stage']);

async function findChoices(
  target: string,
  title: string,
  text: string,
  context: ReferenceContext,
): Promise<Choice[]> {
  const below =
    context.customer && (target === 'contact' || target === 'opportunity') ? context.customer : null;
  if (text.trim() && !below) {
    const { hits } = await call('search', { text, limit: FOUND, entities: [target] });
    return hits.map((hit) => ({ value: hit.id, label: hit.title, detail: hit.subtitle }));
  }
  const filter: Filter | undefined = below
    ? { field: { field: 'customer', test: 'is', value: below } }
    : undefined;
  const search = text.trim();
  const { view, window } = await call('view_open', {
    entity: target,
    columns: [title],
    limit: FOUND,
    ...(filter ? { filter } : {}),
    ...(search ? { search } : {}),
  });
  void call('view_close', { view }).catch(() => undefined);
  return window.rows.map((row) => ({ value: row.id, label: String(row.cells[0] ?? '') }));
}

export function ReferencePicker({
  target,
  multiple = false,
  value,
  onChange,
  titles = {},
  context = {},
  seed,
  onKeyDown,
  onBlur,
  ...rest
}: ReferencePickerProps) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const [text, setText] = useState(seed ?? '');
  const [found, setFound] = useState<Choice[] | null>(null);
  const [opened, setOpened] = useState(Boolean(rest.defaultOpen));
  const chosenNames = useRef(new Map<string, string>());
  const ids = asIds(value);
  const { customer = null, pipeline = null } = context;

  const local = useMemo<Choice[] | null>(() => {
    if (!LOCAL.has(target)) return null;
    if (target === 'user') return catalog.users.map((u) => ({ value: u.id, label: u.name }));
    if (target === 'tag') return catalog.tags.map((tag) => ({ value: tag.id, label: tag.name }));
    if (target === 'pipeline') return catalog.pipelines.map((p) => ({ value: p.id, label: catalog.name(p) }));
    return catalog.pipelines
      .filter((p) => !pipeline || p.id === pipeline)
      .flatMap((p) =>
        p.stages.map((s) => ({
          value: s.id,
          label: catalog.name(s),
          detail: pipeline ? '' : catalog.name(p),
        })),
      );
  }, [target, catalog, pipeline]);

  useEffect(() => {
    if (local || !opened) return;
    let mine = true;
    const title = catalog.entity(target).title;
    const timer = setTimeout(
      () => {
        findChoices(target, title, text, { customer })
          .then((choices) => mine && setFound(choices))
          .catch(() => mine && setFound([]));
      },
      text ? 80 : 0,
    );
    return () => {
      mine = false;
      clearTimeout(timer);
    };
  }, [local, opened, text, target, customer, catalog]);

  const typed = text.trim();
  const matching = local
    ? local.filter((one) => !typed || one.label.toLowerCase().includes(typed.toLowerCase()))
    : (found ?? []);
  const choices = [...matching];
  // What is chosen stays listed, else its id would show in place of its name.
  for (const id of ids) {
    if (!choices.some((one) => one.value === id)) {
      choices.push({ value: id, label: chosenNames.current.get(id) ?? nameOf(id, { catalog, titles }) });
    }
  }
  if (target === 'tag' && typed && !catalog.tags.some((tag) => tag.name === typed)) {
    choices.push({ value: CREATE + typed, label: t('fields.createTag', { name: typed }) });
  }

  const change = async (next: string[]) => {
    setText('');
    const fresh = next.find((id) => id.startsWith(CREATE));
    for (const one of choices) if (next.includes(one.value)) chosenNames.current.set(one.value, one.label);
    if (fresh) {
      const name = fresh.slice(CREATE.length);
      const saved = await tried(call('add', { entity: 'tag', fields: { name } }));
      if (!saved) return;
      chosenNames.current.set(saved.id, name);
      onChange?.([...next.filter((id) => id !== fresh), saved.id]);
    } else if (multiple) onChange?.(next.length ? next : null);
    else onChange?.(next[0] ?? null);
  };

  const shared = {
    ...rest,
    allowClear: true,
    showSearch: { filterOption: false as const, searchValue: text, onSearch: setText },
    placeholder: t(local ? 'fields.choose' : 'fields.typeToSearch'),
    notFoundContent: found === null && !local ? null : t('fields.nothingFound'),
    onOpenChange: (open: boolean) => open && setOpened(true),
    onInputKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (!isComposing(event)) onKeyDown?.(event);
    },
    onBlur: () => {
      setText('');
      onBlur?.();
    },
    options: choices,
    optionRender: (option: { data: Choice }) => (
      <span className="pick-option">
        <span>{option.data.label}</span>
        {option.data.detail ? <small>{option.data.detail}</small> : null}
      </span>
    ),
  };
  return multiple ? (
    <Select<string[], Choice>
      {...shared}
      mode="multiple"
      value={ids}
      onChange={(next) => void change(next)}
    />
  ) : (
    <Select<string | null, Choice>
      {...shared}
      value={ids[0] ?? null}
      onChange={(next) => void change(next ? [next] : [])}
    />
  );
}
