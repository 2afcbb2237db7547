// Written from the Rust types by `cargo xtask types`. Do not edit.

export type AddRecord = { entity: string, fields: { [key in string]: JsonValue }, };

/**
 * An error as every front door gives it.
 */
export type ApiError = { code: string, params: { [key in string]: string }, 
/**
 * The field that is to blame, where it is one.
 */
field: string | null, 
/**
 * All fields that are not valid, when `code` is `invalid`.
 */
errors: Array<ApiFieldError>, };

export type ApiFieldError = { field: string, code: string, params: { [key in string]: string }, };

/**
 * Answers that somebody has to look at, the latest first. What was typed is in `fields`.
 */
export type Attention = { items: Array<AttentionItem>, titles: { [key in string]: string }, };

export type AttentionItem = { op: string, entity: string, record: string, title: string, kind: string, at: number, 
/**
 * `rejected` or `handed_over`.
 */
outcome: string, 
/**
 * Why it was rejected: `forbidden`, `not_found`, `no_root`, `moved`, `invalid`, `malformed`, `with_others`, `server_only`.
 */
code: string | null, 
/**
 * The field that is to blame.
 */
field: string | null, 
/**
 * To whom it was handed over.
 */
to: string | null, fields: Array<FieldChange>, 
/**
 * Whether the same can be tried again here: the record is still on this laptop, or was new.
 */
can_retry: boolean, 
/**
 * Edits that this item stands for: what was handed over of one record is one item, named by its latest operation.
 */
count?: number, };

export type BackupView = { name: string, at: number, bytes: number, 
/**
 * `scheduled`, `before_import`, `before_migration`, `before_restore`, `manual`.
 */
reason: string, };

export type Backups = { backups: Array<BackupView>, };

export type Board = { columns: Array<BoardColumn>, titles: { [key in string]: string }, };

export type BoardCard = { record: RecordView, 
/**
 * Days since it came to this stage.
 */
days_in_stage: number, 
/**
 * The next open reminder; a deal without one shows a warning.
 */
next_reminder_at: number | null, };

export type BoardColumn = { stage: string, name: string, name_en: string, probability: number, 
/**
 * `open`, `won`, `lost`.
 */
outcome: string, count: number, 
/**
 * Minor units of the home currency.
 */
sum: number, 
/**
 * The sum weighted by probability.
 */
weighted: number, cards: Array<BoardCard>, };

export type BoardRequest = { pipeline: string, filter?: Filter, 
/**
 * Cards of each stage at most; the rest is counted.
 */
cards: number, };

export type Catalog = { entities: Array<EntityDef>, };

/**
 * The catalog with everything that forms and lists need to show names: options, stages, users.
 */
export type CatalogView = { catalog: Catalog, options: Array<OptionView>, pipelines: Array<PipelineView>, users: Array<UserView>, tags: Array<TagView>, 
/**
 * Names of options and tags in the recycle bin, which records there still refer to.
 */
removed: { [key in string]: string }, };

export type CellIssue = { row: number, 
/**
 * Index of the column; none where the row as a whole is meant.
 */
column: number | null, column_name: string, code: string, params: { [key in string]: string }, 
/**
 * A warning does not keep the row out.
 */
warning: boolean, };

export type Condition = { field: string, test: Test, 
/**
 * One value, or a list of them for `in` and `between`.
 */
value: JsonValue, };

export type ConflictCard = { id: string, 
/**
 * `critical`, `deleted`, `revived`, `proposed`, `duplicate`.
 */
kind: string, customer: string | null, customer_name: string, entity: string, record: string, title: string, 
/**
 * The fields in question; none where the whole record is.
 */
fields: Array<ConflictField>, your_author: string | null, their_author: string | null, your_time: number | null, their_time: number | null, 
/**
 * `open`, `yours`, `theirs`, `other`.
 */
state: string, 
/**
 * Whether it is this person's to decide.
 */
mine: boolean, made_at: number, 
/**
 * The step that settled it, while it can be taken back (30 days).
 */
settled_by: string | null, 
/**
 * Who settled it; absent while it is open, or where the server does not say.
 */
decided_by?: string | null, 
/**
 * Whether that was done on this laptop. What was decided elsewhere cannot be taken back here, however young it is.
 */
decided_here?: boolean, };

export type ConflictField = { field: string, base: JsonValue, yours: JsonValue, theirs: JsonValue, 
/**
 * What stands in the record now.
 */
current: JsonValue, };

/**
 * Cards of the records on this laptop, the latest first (B6).
 */
export type Conflicts = { cards: Array<ConflictCard>, titles: { [key in string]: string }, };

export type ConflictsRequest = { 
/**
 * Also those settled in the last 30 days.
 */
settled: boolean, };

export type CustomerPage = { customer: RecordView, contacts: Array<RecordView>, opportunities: Array<RecordView>, 
/**
 * People of other companies who play a part here.
 */
participations: Array<RecordView>, 
/**
 * Open reminders, the next one first.
 */
reminders: Array<RecordView>, interaction_count: number, last_interaction_at: number | null, 
/**
 * Sum of open opportunities in minor units of the home currency.
 */
open_amount: number, titles: { [key in string]: string }, };

export type CustomerPageRequest = { id: string, };

export type Doctor = { findings: Array<Finding>, };

export type Done = { done: boolean, };

export type DueReminder = { id: string, title: string, customer: string | null, customer_name: string | null, due_at: number, };

/**
 * A likely duplicate, shown while someone types.
 */
export type Duplicate = { entity: string, id: string, title: string, owner: string | null, 
/**
 * `same_name`, `similar_name`, `phone`, `uscc`, `number`.
 */
reason: string, };

export type DuplicateCheck = { entity: string, fields: { [key in string]: JsonValue }, except?: string, };

export type DuplicateRule = "skip" | "update" | "create";

export type Duplicates = { duplicates: Array<Duplicate>, };

/**
 * Comes in with the invitation and the password chosen now. No record is sent yet: `join` does that, after the preview.
 */
export type EnrolRequest = { invitation: string, password: string, };

/**
 * One kind of record.
 */
export type EntityDef = { key: string, label: Label, 
/**
 * The field that names a record to people.
 */
title: string, root: Root, scope: Scope, row_order: RowOrder, 
/**
 * Shipped and kept by Ketu's own screens; not offered for import or own fields.
 */
system: boolean, fields: Array<FieldDef>, };

export type Event = { "type": "changed", entities: Array<string>, ids: Array<string>, all: boolean, } | { "type": "view_counted", view: number, count: number, } | { "type": "import_progress", import: number, phase: string, done: number, total: number | null, } | { "type": "reminders_due", 
/**
 * Ready to show in the user's language.
 */
title: string, body: string, reminders: Array<DueReminder>, missed: boolean, } | { "type": "status" } | { "type": "sync" };

export type ExistingRecord = { id: string, title: string, 
/**
 * `number`, `uscc`, `name`, `name_phone`, `file` (an earlier row of the same file).
 */
reason: string, };

export type ExportView = { view: number, columns: Array<string>, 
/**
 * Where the .xlsx file goes.
 */
path: string, };

export type Exported = { rows: number, path: string, };

export type FailedRowsRequest = { import: number, path: string, };

export type FieldChange = { field: string, old: JsonValue, new: JsonValue, };

/**
 * One field of an entity.
 */
export type FieldDef = { key: string, label: Label, required: boolean, unique: boolean, 
/**
 * Set by Ketu itself; no form or import writes it.
 */
read_only: boolean, custom: boolean, format: Format | null, min: number | null, max: number | null, 
/**
 * Characters at most.
 */
max_length: number | null, search: SearchClass, merge: MergeClass, 
/**
 * Personal data: never in errors, logs or the audit.
 */
sensitive: boolean, 
/**
 * Sorted and filtered often enough to deserve an index.
 */
indexed: boolean, 
/**
 * Chinese text that lists order by pinyin.
 */
by_pinyin: boolean, key_class: KeyClass | null, 
/**
 * Changing it moves the record to another scope: the door writes a `transfer`.
 */
moves: boolean, 
/**
 * Shown in a new user's list, in this order of magnitude of pixels; 0 hides it.
 */
grid_width: number, 
/**
 * Column names that an import takes for this field.
 */
aliases?: Array<string>, } & ({ "type": "text" } | { "type": "long_text" } | { "type": "number" } | { "type": "percent" } | { "type": "money" } | { "type": "date" } | { "type": "instant" } | { "type": "choice", list: string, } | { "type": "multi_choice", list: string, } | { "type": "boolean" } | { "type": "phone" } | { "type": "email" } | { "type": "url" } | { "type": "region" } | { "type": "reference", target: string, } | { "type": "many_reference", target: string, } | { "type": "auto_number", prefix: string, });

/**
 * The type of a field's values.
 */
export type FieldType = { "type": "text" } | { "type": "long_text" } | { "type": "number" } | { "type": "percent" } | { "type": "money" } | { "type": "date" } | { "type": "instant" } | { "type": "choice", list: string, } | { "type": "multi_choice", list: string, } | { "type": "boolean" } | { "type": "phone" } | { "type": "email" } | { "type": "url" } | { "type": "region" } | { "type": "reference", target: string, } | { "type": "many_reference", target: string, } | { "type": "auto_number", prefix: string, };

export type FieldValues = { [key in string]: JsonValue };

export type FileState = { "name": "first_run" } | { "name": "ready" } | { "name": "locked" } | { "name": "in_use", owner: string, } | { "name": "damaged", backups: number, } | { "name": "newer" } | { "name": "foreign" } | { "name": "plaintext" } | { "name": "out_of_reach", since: number, days: number, } | { "name": "shut_out" } | { "name": "unusable", reason: string, };

/**
 * Conditions joined by AND or OR, nested.
 */
export type Filter = { "all": Array<Filter> } | { "any": Array<Filter> } | { "field": Condition };

/**
 * A finding of `doctor`: `ok`, `warning` or `problem`, with a code to translate.
 */
export type Finding = { level: string, code: string, params: { [key in string]: string }, };

export type FollowUp = { due_at: number, title: string, };

/**
 * A record as a form was opened with it. What somebody else changed meanwhile its author has not seen: their edit and
 * this one are merged by field as if they were made apart.
 */
export type FormBase = { rev: number, 
/**
 * All fields that hold something, or at least those that change.
 */
fields: { [key in string]: JsonValue }, };

/**
 * A format that a text has to keep beyond its type.
 */
export type Format = "uscc" | "currency";

export type History = { entries: Array<HistoryEntry>, 
/**
 * Whether the server has older changes, which can be fetched.
 */
older: boolean, titles: { [key in string]: string }, };

export type HistoryEntry = { op: string, tx: string, entity: string, record: string, title: string, 
/**
 * `create`, `update`, `delete`, `restore`, `transfer`, `merge`, `split`.
 */
kind: string, at: number, author: string | null, author_name: string, 
/**
 * `form`, `import:<batch>`, `undo:<op>`, …
 */
origin: string, pending: boolean, fields: Array<FieldChange>, };

export type Hit = { entity: string, id: string, title: string, 
/**
 * Where it belongs: the customer's name, a phone, the time of an interaction.
 */
subtitle: string, 
/**
 * The field and text that matched, for marking.
 */
field: string, matched: string, customer: string | null, };

export type ImportColumn = { index: number, name: string, 
/**
 * Where it goes, `customer.name`, `contact.mobile`, `opportunity.amount`, …; none skips it.
 */
target: string | null, 
/**
 * A few values as displayed.
 */
samples: Array<string>, };

export type ImportOpen = { path: string, 
/**
 * The first sheet that looks like data where absent.
 */
sheet?: string, 
/**
 * First row of the header, counted from 1; guessed where absent.
 */
header_row?: number, };

export type ImportOpened = { import: number, file: string, 
/**
 * `xlsx`, `xls`, `xlsb`, `ods`, `csv`, `html`, `xml`.
 */
kind: string, 
/**
 * Of text files, e.g. `GB18030`.
 */
encoding: string | null, sheets: Array<ImportSheet>, sheet: string, 
/**
 * First and last header row, from 1.
 */
header_rows: [number, number], columns: Array<ImportColumn>, 
/**
 * The first rows below the header, as displayed.
 */
preview: Array<Array<string>>, 
/**
 * Whether the mapping is remembered from an earlier file with the same header.
 */
remembered: boolean, };

export type ImportPlanRequest = { import: number, 
/**
 * Target by column index; absent columns are skipped.
 */
mapping: { [key in number]: string }, duplicates?: DuplicateRule, 
/**
 * Leave out rows that a filter hides in the file.
 */
skip_hidden?: boolean, 
/**
 * Give the blank cells of merged ranges the value of their first cell; so it is where absent.
 */
fill_merged?: boolean, };

export type ImportPlanned = { import: number, rows: number, create: number, update: number, skip: number, fail: number, 
/**
 * New records by entity.
 */
records: { [key in string]: number }, 
/**
 * Option values that are not known yet and will be added.
 */
new_options: Array<NewOption>, 
/**
 * Rows hidden in the file, merged ranges, formulas without a value: worth a word.
 */
hidden_rows: number, merged_ranges: number, 
/**
 * Columns right of the last one that is read.
 */
columns_left_out: number, 
/**
 * Places where a text file's bytes were no characters of its encoding.
 */
characters_replaced: number, };

export type ImportRef = { import: number, };

export type ImportRow = { 
/**
 * Row number in the file, from 1.
 */
row: number, action: RowAction, 
/**
 * The existing customer that an update or a skip is about.
 */
existing: ExistingRecord | null, cells: Array<string>, issues: Array<CellIssue>, };

export type ImportRows = { total: number, rows: Array<ImportRow>, };

export type ImportRowsRequest = { import: number, only?: RowAction, offset: number, limit: number, };

export type ImportSheet = { name: string, visible: boolean, };

/**
 * Places that a column can go to.
 */
export type ImportTarget = { 
/**
 * `customer.name`
 */
target: string, entity_zh: string, entity_en: string, field_zh: string, field_en: string, required: boolean, };

/**
 * Places that a column can go to, in the order of forms.
 */
export type ImportTargets = { targets: Array<ImportTarget>, };

export type Imported = { import: number, tx: string | null, rows: number, created: number, updated: number, skipped: number, failed: number, records: { [key in string]: number }, options_added: Array<NewOption>, milliseconds: number, };

/**
 * What an invitation says, before anything is sent.
 */
export type InvitationView = { servers: Array<string>, login: string, 
/**
 * SHA-256 of the certificate that is trusted, in hexadecimal; absent where TLS is not the server's own doing.
 */
fingerprint: string | null, 
/**
 * What of this laptop would go to the server.
 */
records: number, };

export type JoinMatch = { 
/**
 * The customer of this laptop.
 */
id: string, name: string, 
/**
 * `uscc`, `phone`, `name`.
 */
reason: string, 
/**
 * The company's customer, where this person may see it.
 */
theirs: JoinTheirs | null, };

/**
 * Customers of this laptop that the company has already (B21).
 */
export type JoinPreview = { account: SyncAccount, 
/**
 * What of this laptop goes to the server: records by entity.
 */
records: { [key in string]: number }, matches: Array<JoinMatch>, };

/**
 * Sends what this laptop has. `merge` names customers whose records go to the company's own one after the first sync;
 * every other is sent as it is.
 */
export type JoinRequest = { merge: Array<string>, };

export type JoinTheirs = { id: string, name: string, 
/**
 * Whether this user may make one of both: what a colleague only shared for reading stays as it is.
 */
may_merge: boolean, };

export type JsonValue = unknown;

/**
 * A field that was changed again since, so that undo left it alone.
 */
export type Kept = { entity: string, id: string, title: string, field: string, };

/**
 * A column derived from a field for finding equals.
 */
export type KeyClass = "company" | "phone";

/**
 * A label in both languages of the window.
 */
export type Label = { zh: string, en: string, };

/**
 * Comes in again: the password was changed, or the device was away too long.
 */
export type LogInRequest = { password: string, 
/**
 * Where an administrator took the password away: the new invitation for the same person, with which `password` is
 * chosen anew. File, outbox and device stay. One of another server, company or person is refused as
 * `invitation_other_server`, `invitation_other_org`, `invitation_other_person`.
 */
invitation?: string, };

export type LogInteraction = { 
/**
 * Fields of the interaction.
 */
fields: { [key in string]: JsonValue }, 
/**
 * 下次跟进, saved in the same transaction.
 */
follow_up?: FollowUp, 
/**
 * The reminder that this interaction answers, marked done in the same transaction.
 */
answers?: string, };

/**
 * How concurrent changes of a field agree (docs/adr/0002).
 */
export type MergeClass = "scalar" | "set" | "text" | "critical";

/**
 * Makes `record` out of two customers; `other` goes to the recycle bin with a redirect.
 */
export type MergeCustomers = { record: string, other: string, };

export type MoveStage = { id: string, stage: string, next_step?: string, 
/**
 * Asked for when the stage is a lost one.
 */
lost_reason?: string, };

export type NewOption = { field: string, name: string, rows: number, };

export type Nothing = Record<symbol, never>;

/**
 * What was fetched of a record's history.
 */
export type OlderHistory = { 
/**
 * Changes that were not told here before.
 */
added: number, };

/**
 * One operation of this laptop.
 */
export type OpRef = { record: string, op: string, };

export type OpenView = { entity: string, filter?: Filter, sort?: Array<Sort>, 
/**
 * Only records that this text finds.
 */
search?: string, 
/**
 * The recycle bin instead of what is alive.
 */
deleted?: boolean, columns: Array<string>, 
/**
 * Rows of the first window, at most 200.
 */
limit: number, };

export type OptionView = { id: string, list: string, name: string, name_en: string, color: string, archived: boolean, };

/**
 * What the server misses, the latest first; an import is one line.
 */
export type Outbox = { total: number, lines: Array<OutboxLine>, titles: { [key in string]: string }, };

export type OutboxLine = { op: string, tx: string, entity: string, record: string, title: string, 
/**
 * `create`, `update`, `delete`, `restore`, `transfer`, `merge`, `split`.
 */
kind: string, 
/**
 * Where it was made: `form`, `import:<batch>`, …
 */
origin: string, at: number, 
/**
 * `waiting`: never sent, it can be taken back; `sent`: under way.
 */
state: string, fields: Array<FieldChange>, 
/**
 * Operations that this line stands for: 1, or those of an import.
 */
count: number, };

export type OutboxRequest = { offset: number, 
/**
 * At most 500.
 */
limit: number, };

export type ParseWhen = { 
/**
 * What a person types for a time: 今天, 明天 15:00, 下周三, +3d, 1125.
 */
text: string, };

export type ParsedWhen = { 
/**
 * Civil date, `2026-11-25`.
 */
date: string, 
/**
 * Local time `15:00`, where one was given.
 */
time: string | null, instant: number, workday: boolean, };

export type PauseSync = { paused: boolean, };

export type PipelineView = { id: string, name: string, name_en: string, stages: Array<StageView>, };

/**
 * The line that an administrator hands over.
 */
export type ReadInvitation = { invitation: string, };

export type RecordChange = { id: string, 
/**
 * Only the fields that change; `null` empties one.
 */
fields: { [key in string]: JsonValue }, 
/**
 * Of a form that stays open: what it was opened with.
 */
base?: FormBase, };

export type RecordIds = { entity: string, ids: Array<string>, };

export type RecordRef = { entity: string, id: string, };

export type RecordView = { entity: string, id: string, title: string, fields: { [key in string]: JsonValue }, 
/**
 * The server's revision that is shown; 0 before the first.
 */
rev?: number, created_at: number, created_by: string | null, updated_at: number, updated_by: string | null, deleted_at: number | null, 
/**
 * Names of the records that the fields refer to.
 */
titles: { [key in string]: string }, };

/**
 * Names of region codes, for lists.
 */
export type RegionNamesRequest = { codes: Array<string>, };

export type RegionView = { code: string, name: string, 
/**
 * Names from the province down, e.g. 广东省 / 深圳市 / 南山区.
 */
path: Array<string>, leaf: boolean, };

export type Regions = { regions: Array<RegionView>, };

/**
 * A region by code, for cascaders: provinces without `parent`, else its children.
 */
export type RegionsRequest = { parent?: string, };

export type ReminderCounts = { overdue: number, today: number, future: number, };

export type ReminderRef = { id: string, };

export type Reminders = { items: Array<RecordView>, counts: ReminderCounts, titles: { [key in string]: string }, };

export type RemindersRequest = { 
/**
 * `overdue`, `today`, `future`, `done`.
 */
bucket: string, limit: number, };

export type RestoreBackup = { name: string, 
/**
 * Opens a backup that this laptop's own key does not: without it such a one is refused as `locked`.
 */
recovery_key?: string, };

export type RestoreValue = { entity: string, id: string, 
/**
 * The change whose old value comes back.
 */
op: string, field: string, };

/**
 * The state after a restore.
 */
export type Restored = { 
/**
 * Why the file that was there could not be backed up before: a code. It is at `moved_aside` in any case.
 */
not_backed_up?: string, state: FileState, 
/**
 * The person who works on this laptop, once set up.
 */
user: UserView | null, recovery_key_confirmed: boolean, 
/**
 * Where the file key lies: `keyring`, or `key_file` where the system has no keyring.
 */
key_store: string | null, data_dir: string, 
/**
 * Set when a damaged file was moved aside: where to.
 */
moved_aside: string | null, has_sample: boolean, version: string, settings: Settings, };

/**
 * Which record a record hangs below. A root and all below it share one scope.
 */
export type Root = "own" | { "of": string };

export type Row = { id: string, 
/**
 * Values in the order of the requested columns.
 */
cells: Array<JsonValue>, };

export type RowAction = "create" | "update" | "skip" | "fail";

/**
 * How rows lie in the table, which is also how "newest first" is found without sorting.
 */
export type RowOrder = "inserted" | { "by": string };

export type SaveText = { path: string, };

/**
 * What a write did, and the handle by which the window offers to undo just it.
 */
export type Saved = { id: string, tx: string, changed: number, };

/**
 * Whose laptops hold a record.
 */
export type Scope = "root" | "org" | "user";

export type SearchAnswer = { hits: Array<Hit>, 
/**
 * Hits in all; the list is cut at the limit.
 */
total: number, };

/**
 * How a field takes part in search.
 */
export type SearchClass = "none" | "name" | "phone" | "code" | "text";

export type SearchRequest = { text: string, limit: number, 
/**
 * Only these entities; all searchable ones where absent.
 */
entities?: Array<string>, };

export type SetUp = { name: string, 
/**
 * `zh-CN` or `en`.
 */
language: string, };

export type SetUpDone = { 
/**
 * Shown once; people save or print it.
 */
recovery_key: string, key_store: string, };

/**
 * Choices of one person on one laptop; never synchronised.
 */
export type Settings = { language: string, 
/**
 * `light`, `dark`, `system`.
 */
theme: string, 
/**
 * `compact`, `comfortable`.
 */
density: string, 
/**
 * Per cent, 90 to 150.
 */
font_size: number, 
/**
 * Quiet hours as local `HH:MM`; equal ends mean none.
 */
quiet_from: string, quiet_to: string, close_to_tray: boolean, 
/**
 * Column choices, saved views and the like, which only the window reads.
 */
window: Record<string, unknown>, };

/**
 * Of a field the choice is what it holds from now on; of what somebody proposed, `yours` takes it over and `theirs` leaves
 * it. Of `deleted` cards `yours` removes the record and `theirs` keeps it; of `revived` ones `yours` keeps it and `theirs`
 * removes it again. Of duplicates `yours` makes one customer of the two, and `theirs` says that they are two companies.
 */
export type SettleConflicts = { ids: Array<string>, 
/**
 * `yours` or `theirs`.
 */
choice: string, };

/**
 * What deciding cards did. Those that somebody settled meanwhile are left as they are; where none is left to decide it is
 * refused as `already_settled`.
 */
export type Settled = { 
/**
 * The first card that was decided.
 */
id: string, tx: string, changed: number, 
/**
 * Cards that somebody had settled meanwhile.
 */
skipped?: Array<string>, };

export type Share = { customer: string, user: string, 
/**
 * `read` or `write`; absent, the share ends.
 */
level?: string, };

export type SnoozeReminder = { id: string, 
/**
 * `minutes:10`, `hours:1`, `tomorrow` (9:00), `next_workday` (9:00, holidays counted),
 * or `at:<milliseconds>`.
 */
until: string, };

export type Sort = { field: string, descending: boolean, };

export type StageView = { id: string, name: string, name_en: string, probability: number, 
/**
 * `open`, `won`, `lost`.
 */
outcome: string, };

/**
 * What Ketu found when it started, and what it can offer.
 */
export type Status = { state: FileState, 
/**
 * The person who works on this laptop, once set up.
 */
user: UserView | null, recovery_key_confirmed: boolean, 
/**
 * Where the file key lies: `keyring`, or `key_file` where the system has no keyring.
 */
key_store: string | null, data_dir: string, 
/**
 * Set when a damaged file was moved aside: where to.
 */
moved_aside: string | null, has_sample: boolean, version: string, settings: Settings, };

export type SumRequest = { view: number, fields: Array<string>, };

/**
 * Sums by field over the whole view: money in minor units by currency, numbers under `""`.
 */
export type Sums = { count: number, sums: Record<string, Record<string, number>>, };

export type SyncAccount = { 
/**
 * The address that answered last, or the first.
 */
server: string, login: string, user: string, 
/**
 * `salesperson`, `manager`, `admin`; absent until the server said it.
 */
role: string | null, };

/**
 * What happened, the latest first.
 */
export type SyncLog = { entries: Array<SyncLogEntry>, };

export type SyncLogEntry = { at: number, 
/**
 * `joined`, `synced`, `failed`, `paused`, `resumed`, `handed_over`, `merged` {`count`: edits that met others'},
 * `lost` {`count`: values that did not stand; the history has them}, `rejected` {`count`: edits that the server refused},
 * `new_epoch`, `copied`, `repaired`, `evidence`, `restarted`; to be translated.
 */
code: string, params: { [key in string]: string }, };

export type SyncPhase = "alone" | "paused" | "syncing" | "up_to_date" | "waiting" | "offline" | "stopped";

export type SyncProgress = { 
/**
 * `sending`, `receiving`, `comparing`.
 */
step: string, done: number, total: number | null, };

/**
 * Where this laptop stands with its server. Told anew by [`crate::api::event::Event::Sync`].
 */
export type SyncStatus = { 
/**
 * Absent on a laptop of its own.
 */
account: SyncAccount | null, phase: SyncPhase, 
/**
 * What the server misses of this laptop's work: operations.
 */
pending: number, 
/**
 * Answers of the server that somebody has to look at.
 */
attention: number, 
/**
 * Cards that are this person's to decide.
 */
conflicts: number, 
/**
 * When everything was last told, heard and compared; milliseconds.
 */
last_sync: number | null, 
/**
 * When the oldest operation was made that the server misses; milliseconds.
 */
waiting_since: number | null, 
/**
 * Why it does not go on by itself, or why the last try failed.
 */
trouble: SyncTrouble | null, progress: SyncProgress | null, weak_network: boolean, 
/**
 * Server's clock minus this laptop's, milliseconds; worth a word beyond two minutes.
 */
clock_offset: number, };

/**
 * `code` is one of `offline`, `cut` (broke off), `portal`, `certificate`, `busy`, `rate_limited`, `server` (it failed),
 * `garbled` (an answer that this version cannot read), `login_required`, `revoked`, `too_old`, `diverged`, `disk_full`, `stuck`,
 * `refused`, `put_off` {`count`: the server cannot take some work yet}, or the code of a local error.
 */
export type SyncTrouble = { code: string, params: { [key in string]: string }, 
/**
 * Whether a person has to do something before it goes on.
 */
stops: boolean, 
/**
 * The next try, milliseconds.
 */
retry_at: number | null, };

export type TagView = { id: string, name: string, color: string, };

export type Test = "is" | "is_not" | "in" | "not_in" | "contains" | "starts_with" | "at_least" | "at_most" | "between" | "empty" | "not_empty";

export type Timeline = { entries: Array<TimelineEntry>, 
/**
 * Where the next page starts; absent at the end.
 */
next: number | null, 
/**
 * Whether the server has older changes, which can be fetched.
 */
older: boolean, titles: { [key in string]: string }, };

export type TimelineEntry = { "type": "interaction", at: number, record: RecordView, } | { "type": "change", at: number, change: HistoryEntry, };

export type TimelineRequest = { customer: string, 
/**
 * Only entries before this point, as the previous page gave it.
 */
before?: number, limit: number, 
/**
 * `interactions`, `changes` or both where absent.
 */
only?: string, };

export type Titles = { [key in string]: string };

/**
 * Reminders that were told since Ketu started and that nobody has dealt with, for a window that was
 * not there yet when they came due.
 */
export type ToldReminders = { due: Array<DueReminder>, 
/**
 * Came due while Ketu was not running.
 */
missed: Array<DueReminder>, };

/**
 * Gives customers, with everything below them, to a colleague.
 */
export type TransferCustomers = { customers: Array<string>, 
/**
 * Absent: they go to the pool.
 */
to: string | null, 
/**
 * Why: it goes along with each customer as an interaction, for whoever gets it.
 */
reason?: string, };

/**
 * What goes along with customers.
 */
export type TransferPreview = { customers: number, 
/**
 * Records below them by entity.
 */
below: { [key in string]: number }, 
/**
 * Deals and reminders of the present owners, which get the new one.
 */
owned: number, 
/**
 * Whether this laptop will not have them any longer.
 */
leaves: boolean, };

/**
 * Refused as `undo_gone` where all records of the transaction have left this laptop: a colleague has them, or the server
 * took them back.
 */
export type UndoRequest = { 
/**
 * The transaction to undo; the latest one where absent.
 */
tx?: string, };

/**
 * What undo and redo would do next, for menus and toasts.
 */
export type UndoState = { undo: UndoStep | null, redo: UndoStep | null, };

export type UndoStep = { tx: string, 
/**
 * `add`, `update`, `remove`, `restore`, `import`, `transfer`, `merge`, `settle`, `retry`, …
 */
action: string, entity: string, count: number, title: string | null, };

export type Undone = { tx: string, 
/**
 * The transaction that was taken back.
 */
of: string, changed: number, kept: Array<Kept>, 
/**
 * Records of the transaction that left this laptop, so that nothing was done to them.
 */
gone?: number, };

export type Unlock = { recovery_key: string, };

export type UnsyncedRecords = { 
/**
 * `waiting` or `sent` by record; those that the server has are left out.
 */
states: { [key in string]: string }, };

/**
 * Whether records have work that the server misses.
 */
export type UnsyncedRequest = { ids: Array<string>, };

export type UpdateRecord = { entity: string, id: string, 
/**
 * Only the fields that change; `null` empties one.
 */
fields: { [key in string]: JsonValue }, 
/**
 * Of a form that stays open: what it was opened with.
 */
base?: FormBase, };

/**
 * Several records of one entity in one step: all of them change, or none.
 */
export type UpdateRecords = { entity: string, changes: Array<RecordChange>, };

export type UpdateSettings = { 
/**
 * Only what changes, by the names of `Settings`; keys inside `window` are set one by one.
 */
settings: Partial<Settings>, };

export type UserView = { id: string, name: string, };

export type ViewIds = { ids: Array<string>, };

/**
 * Ids of part of a view, for acting on a selection of rows by position.
 */
export type ViewIdsRequest = { view: number, offset: number, limit: number, };

export type ViewOpened = { view: number, window: Window, };

export type ViewRef = { view: number, };

export type WeakNetwork = { 
/**
 * Smaller pages, rarer tries, nothing fetched that can wait.
 */
weak: boolean, };

/**
 * A slice of a view. `count` is `null` while the whole list is still being gathered; a
 * `view_counted` event follows.
 */
export type Window = { offset: number, count: number | null, rows: Array<Row>, titles: { [key in string]: string }, };

export type WindowRequest = { view: number, offset: number, 
/**
 * At most 200.
 */
limit: number, columns: Array<string>, };

/** Every method of the core with its parameters and its answer. */
export interface Methods {
  status: { params: Nothing; answer: Status };
  set_up: { params: SetUp; answer: SetUpDone };
  unlock: { params: Unlock; answer: Status };
  open_again: { params: Nothing; answer: Status };
  recovery_key_confirmed: { params: Nothing; answer: Done };
  save_recovery_key: { params: SaveText; answer: Done };
  new_recovery_key: { params: Nothing; answer: SetUpDone };
  update_settings: { params: UpdateSettings; answer: Settings };
  catalog: { params: Nothing; answer: CatalogView };
  regions: { params: RegionsRequest; answer: Regions };
  region_names: { params: RegionNamesRequest; answer: Regions };
  parse_when: { params: ParseWhen; answer: ParsedWhen };
  load_sample: { params: Nothing; answer: Done };
  remove_sample: { params: Nothing; answer: Done };
  get: { params: RecordRef; answer: RecordView };
  add: { params: AddRecord; answer: Saved };
  update: { params: UpdateRecord; answer: Saved };
  update_many: { params: UpdateRecords; answer: Saved };
  remove: { params: RecordIds; answer: Saved };
  restore: { params: RecordIds; answer: Saved };
  undo: { params: UndoRequest; answer: Undone };
  redo: { params: UndoRequest; answer: Undone };
  undo_state: { params: Nothing; answer: UndoState };
  history: { params: RecordRef; answer: History };
  restore_value: { params: RestoreValue; answer: Saved };
  find_duplicates: { params: DuplicateCheck; answer: Duplicates };
  view_open: { params: OpenView; answer: ViewOpened };
  view_window: { params: WindowRequest; answer: Window };
  view_sums: { params: SumRequest; answer: Sums };
  view_ids: { params: ViewIdsRequest; answer: ViewIds };
  view_close: { params: ViewRef; answer: Done };
  export_view: { params: ExportView; answer: Exported };
  search: { params: SearchRequest; answer: SearchAnswer };
  customer_page: { params: CustomerPageRequest; answer: CustomerPage };
  timeline: { params: TimelineRequest; answer: Timeline };
  board: { params: BoardRequest; answer: Board };
  move_stage: { params: MoveStage; answer: Saved };
  log_interaction: { params: LogInteraction; answer: Saved };
  reminders: { params: RemindersRequest; answer: Reminders };
  told_reminders: { params: Nothing; answer: ToldReminders };
  complete_reminder: { params: ReminderRef; answer: Saved };
  snooze_reminder: { params: SnoozeReminder; answer: Saved };
  import_open: { params: ImportOpen; answer: ImportOpened };
  import_targets: { params: Nothing; answer: ImportTargets };
  import_plan: { params: ImportPlanRequest; answer: ImportPlanned };
  import_rows: { params: ImportRowsRequest; answer: ImportRows };
  import_apply: { params: ImportRef; answer: Imported };
  import_cancel: { params: ImportRef; answer: Done };
  import_close: { params: ImportRef; answer: Done };
  import_failed_rows: { params: FailedRowsRequest; answer: Exported };
  import_template: { params: SaveText; answer: Exported };
  back_up: { params: Nothing; answer: BackupView };
  backups: { params: Nothing; answer: Backups };
  restore_backup: { params: RestoreBackup; answer: Restored };
  start_anew: { params: Nothing; answer: Status };
  doctor: { params: Nothing; answer: Doctor };
  sync_status: { params: Nothing; answer: SyncStatus };
  sync_pause: { params: PauseSync; answer: SyncStatus };
  sync_weak_network: { params: WeakNetwork; answer: SyncStatus };
  sync_now: { params: Nothing; answer: Done };
  sync_log: { params: Nothing; answer: SyncLog };
  sync_self_test: { params: Nothing; answer: Doctor };
  sync_invitation: { params: ReadInvitation; answer: InvitationView };
  sync_enrol: { params: EnrolRequest; answer: JoinPreview };
  sync_join: { params: JoinRequest; answer: SyncStatus };
  sync_withdraw: { params: Nothing; answer: SyncStatus };
  sync_log_in: { params: LogInRequest; answer: SyncStatus };
  outbox: { params: OutboxRequest; answer: Outbox };
  outbox_cancel: { params: OpRef; answer: Done };
  outbox_export: { params: SaveText; answer: Done };
  unsynced: { params: UnsyncedRequest; answer: UnsyncedRecords };
  attention: { params: Nothing; answer: Attention };
  attention_dismiss: { params: OpRef; answer: Done };
  attention_retry: { params: OpRef; answer: Saved };
  conflicts: { params: ConflictsRequest; answer: Conflicts };
  settle_conflicts: { params: SettleConflicts; answer: Settled };
  transfer_preview: { params: TransferCustomers; answer: TransferPreview };
  transfer: { params: TransferCustomers; answer: Saved };
  merge_customers: { params: MergeCustomers; answer: Saved };
  share: { params: Share; answer: Done };
  older_history: { params: RecordRef; answer: OlderHistory };
}
