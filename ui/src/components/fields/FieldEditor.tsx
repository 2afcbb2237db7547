/** The editor of a field, chosen by its type; the same in forms, in the grid and in filters. */
import { Checkbox, Input, Select } from 'antd';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useCatalog } from '../../data/catalog';
import type { FieldDef, JsonValue, Titles } from '../../transport/contract';
import { isComposing } from '../keys';
import { Chip } from './Chip';
import { DateField } from './DateField';
import { MoneyField, NumberField, PercentField } from './MoneyField';
import { type ReferenceContext, ReferencePicker } from './ReferencePicker';
import { RegionField } from './RegionField';
import { asIds } from './values';

export interface FieldEditorProps {
  field: FieldDef;
  /** Injected by a form item as well. */
  id?: string;
  value?: JsonValue | undefined;
  onChange?(value: JsonValue): void;
  titles?: Titles;
  context?: ReferenceContext;
  /** One line high, as in a table cell. */
  compact?: boolean;
  autoFocus?: boolean;
  /** Opens the list of choices at once. */
  defaultOpen?: boolean;
  /** Text to begin with: the key that opened the editor. */
  seed?: string | undefined;
  status?: 'error' | '';
  disabled?: boolean;
  'aria-label'?: string;
  'data-testid'?: string;
  onKeyDown?(event: KeyboardEvent<HTMLElement>): void;
  onBlur?(): void;
}

export function FieldEditor(props: FieldEditorProps) {
  const { field, titles, context, compact, defaultOpen, seed, ...shared } = props;
  switch (field.type) {
    case 'long_text':
      return <LongTextInput {...props} />;
    case 'number':
      return <NumberField {...shared} seed={seed} />;
    case 'percent':
      return <PercentField {...shared} seed={seed} />;
    case 'money':
      return <MoneyField {...shared} seed={seed} />;
    case 'date':
      return <DateField {...shared} seed={seed} />;
    case 'instant':
      return <DateField {...shared} seed={seed} withTime />;
    case 'boolean':
      return <BooleanInput {...props} />;
    case 'choice':
    case 'multi_choice':
      return <OptionSelect {...props} list={field.list} multiple={field.type === 'multi_choice'} />;
    case 'reference':
    case 'many_reference':
      return (
        <ReferencePicker
          {...shared}
          target={field.target}
          multiple={field.type === 'many_reference'}
          seed={seed}
          {...(defaultOpen ? { defaultOpen } : {})}
          {...(titles ? { titles } : {})}
          {...(context ? { context } : {})}
        />
      );
    case 'region':
      return <RegionField {...shared} {...(defaultOpen ? { defaultOpen } : {})} />;
    default:
      return <TextInput {...props} />;
  }
}

const safely =
  (onKeyDown: FieldEditorProps['onKeyDown']) =>
  (event: KeyboardEvent<HTMLElement>): void => {
    if (!isComposing(event)) onKeyDown?.(event);
  };

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

function TextInput({
  field,
  value,
  onChange,
  onKeyDown,
  onBlur,
  seed: _,
  titles: _t,
  context: _c,
  compact: _k,
  defaultOpen: _o,
  ...rest
}: FieldEditorProps) {
  return (
    <Input
      {...rest}
      value={textOf(value)}
      autoComplete="off"
      {...(field.max_length ? { maxLength: field.max_length } : {})}
      {...(field.type === 'email'
        ? { inputMode: 'email' as const }
        : field.type === 'phone'
          ? { inputMode: 'tel' as const }
          : {})}
      onChange={(event) => onChange?.(event.target.value || null)}
      onKeyDown={safely(onKeyDown)}
      onBlur={() => onBlur?.()}
    />
  );
}

function LongTextInput({
  field,
  value,
  onChange,
  onKeyDown,
  onBlur,
  seed: _,
  titles: _t,
  context: _c,
  compact,
  defaultOpen: _o,
  ...rest
}: FieldEditorProps) {
  return (
    <Input.TextArea
      {...rest}
      value={textOf(value)}
      rows={compact ? 1 : 3}
      className="grows"
      {...(field.max_length ? { maxLength: field.max_length } : {})}
      onChange={(event) => onChange?.(event.target.value || null)}
      onKeyDown={safely(onKeyDown)}
      onBlur={() => onBlur?.()}
    />
  );
}

function BooleanInput({ field, value, onChange, onKeyDown, onBlur, ...rest }: FieldEditorProps) {
  const catalog = useCatalog();
  return (
    <Checkbox
      {...(rest.id ? { id: rest.id } : {})}
      autoFocus={rest.autoFocus ?? false}
      disabled={rest.disabled ?? false}
      checked={value === true}
      aria-label={rest['aria-label'] ?? catalog.label(field.label)}
      data-testid={rest['data-testid']}
      onChange={(event) => onChange?.(event.target.checked)}
      onKeyDown={safely(onKeyDown)}
      onBlur={() => onBlur?.()}
    />
  );
}

function OptionSelect({
  list,
  multiple,
  compact,
  value,
  onChange,
  onKeyDown,
  onBlur,
  ...rest
}: FieldEditorProps & { list: string; multiple: boolean }) {
  const { t } = useTranslation();
  const catalog = useCatalog();
  const ids = asIds(value);
  const options = catalog
    .options(list)
    // An archived option stays visible where it is the value.
    .filter((option) => !option.archived || ids.includes(option.id))
    .map((option) => ({
      value: option.id,
      label: catalog.name(option),
      color: option.color,
      archived: option.archived,
    }));
  const shared = {
    ...(rest.id ? { id: rest.id } : {}),
    autoFocus: rest.autoFocus ?? false,
    defaultOpen: rest.defaultOpen ?? false,
    disabled: rest.disabled ?? false,
    status: rest.status ?? ('' as const),
    'aria-label': rest['aria-label'],
    'data-testid': rest['data-testid'],
    options,
    // In a narrow column the list is as wide as its words.
    popupMatchSelectWidth: !compact,
    allowClear: true,
    showSearch: { optionFilterProp: 'label' },
    placeholder: t('fields.choose'),
    notFoundContent: t('fields.noOptions'),
    optionRender: ({ data }: { data: (typeof options)[number] }) =>
      data.color ? <Chip text={data.label} color={data.color} archived={data.archived} /> : data.label,
    onInputKeyDown: safely(onKeyDown),
    onBlur: () => onBlur?.(),
  };
  return multiple ? (
    <Select
      {...shared}
      mode="multiple"
      value={ids}
      onChange={(next: string[]) => onChange?.(next.length ? next : null)}
    />
  ) : (
    <Select {...shared} value={ids[0] ?? null} onChange={(next: string | null) => onChange?.(next ?? null)} />
  );
}
