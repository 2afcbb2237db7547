/** What is typed into the quick form, and what of it is saved. */
import { codeText } from '../../components/feedback/error-text';
import { isEmpty, unreadable } from '../../components/fields/values';
import type { EntityDef, FieldDef, FieldValues, JsonValue, LogInteraction } from '../../transport/contract';

export interface Draft {
  kind: string | null;
  occurred_at: JsonValue;
  customer: string | null;
  contacts: string[];
  opportunity: string | null;
  summary: string;
  next_step: string;
  followUpAt: JsonValue;
  followUpTitle: string;
  /** Values of the fields that people have added to interactions. */
  own: FieldValues;
}

/** The key of what is wrong with the next follow-up. */
export const FOLLOW_UP = 'follow_up';
/** Characters of a reminder's title at most, where the catalog does not say. */
const TITLE_LENGTH = 200;

/** Fields that people have added to interactions and may fill in. */
export const ownFields = (entity: EntityDef): FieldDef[] =>
  entity.fields.filter((field) => field.custom && !field.read_only && field.type !== 'auto_number');

/** A title that fits: a next step may be longer than what a reminder is called. */
export const cutTitle = (text: string, longest: number | null | undefined): string =>
  [...text]
    .slice(0, longest ?? TITLE_LENGTH)
    .join('')
    .trim();

const bare = ({ kind: _, ...rest }: Draft) =>
  JSON.stringify({ ...rest, summary: rest.summary.trim(), next_step: rest.next_step.trim() });

/** Whether a person filled in anything worth a question before it is lost; the kind is one click away. */
export const isChanged = (draft: Draft, begun: Draft): boolean => bare(draft) !== bare(begun);

/** What to save, or what is wrong by field. */
export function readDraft(
  now: Draft,
  own: FieldDef[],
  followUpTitle: string,
): { log: LogInteraction } | { errors: Record<string, string> } {
  const errors: Record<string, string> = {};
  for (const key of ['customer', 'kind', 'summary'] as const) {
    if (isEmpty(now[key]?.trim())) errors[key] = codeText('required');
  }
  if (typeof now.occurred_at !== 'number') {
    errors.occurred_at = codeText(isEmpty(now.occurred_at) ? 'required' : 'date_format');
  }
  if (!isEmpty(now.followUpAt) && typeof now.followUpAt !== 'number') {
    errors[FOLLOW_UP] = codeText('date_format');
  }
  for (const field of own) {
    const value = now.own[field.key];
    const code = field.required && isEmpty(value) ? 'required' : unreadable(field, value);
    if (code) errors[field.key] = codeText(code);
  }
  if (Object.keys(errors).length) return { errors };
  const fields: FieldValues = {
    kind: now.kind,
    occurred_at: now.occurred_at,
    customer: now.customer,
    summary: now.summary.trim(),
  };
  if (now.contacts.length) fields.contacts = now.contacts;
  if (now.opportunity) fields.opportunity = now.opportunity;
  if (now.next_step.trim()) fields.next_step = now.next_step.trim();
  for (const { key } of own) if (!isEmpty(now.own[key])) fields[key] = now.own[key];
  const title = now.followUpTitle.trim() || followUpTitle;
  return {
    log: {
      fields,
      ...(typeof now.followUpAt === 'number' ? { follow_up: { due_at: now.followUpAt, title } } : {}),
    },
  };
}
