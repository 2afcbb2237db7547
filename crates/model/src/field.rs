//! What a field is. Core fields and users' own fields are the same `FieldDef`; everything that
//! a screen, a table, an importer or a merge needs to know about a field stands here.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A field's name: the column of a core field, or the id of a custom one.
pub type FieldKey = Cow<'static, str>;

/// A label in both languages of the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Label {
    pub zh: FieldKey,
    pub en: FieldKey,
}

/// Shorthand for a label known at compile time.
pub const fn label(zh: &'static str, en: &'static str) -> Label {
    Label {
        zh: Cow::Borrowed(zh),
        en: Cow::Borrowed(en),
    }
}

/// The type of a field's values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FieldType {
    Text,
    LongText,
    Number,
    /// Percentage points: 13 means 13 %.
    Percent,
    /// Integer minor units and an ISO 4217 code.
    Money,
    /// A civil date, without a time zone.
    Date,
    /// Milliseconds since 1970 in UTC.
    Instant,
    /// One option of an option list.
    Choice {
        list: FieldKey,
    },
    /// Several options of an option list.
    MultiChoice {
        list: FieldKey,
    },
    Boolean,
    Phone,
    Email,
    Url,
    /// A code of the 省/市/区 table.
    Region,
    /// The id of one record of `target`.
    Reference {
        target: FieldKey,
    },
    /// The ids of several records of `target`.
    ManyReference {
        target: FieldKey,
    },
    /// A number for people such as CUST-2026-001, given by the write door.
    AutoNumber {
        prefix: FieldKey,
    },
}

/// A format that a text has to keep beyond its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// 统一社会信用代码, GB 32100 with its check character.
    Uscc,
    /// An ISO 4217 currency code.
    Currency,
}

/// How a field takes part in search.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SearchClass {
    #[default]
    None,
    /// Short text found by any part, by pinyin and by initials.
    Name,
    /// Found by any run of its digits.
    Phone,
    /// Short Latin text found by any part.
    Code,
    /// Long text found by any part, newest first.
    Text,
}

/// How concurrent changes of a field agree (docs/adr/0002).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MergeClass {
    /// A: the later value wins, the other stays in history.
    #[default]
    Scalar,
    /// S: elements are added and removed one by one.
    Set,
    /// T: long text is merged by lines.
    Text,
    /// H: the later value holds for now and a person decides.
    Critical,
}

/// A column derived from a field for finding equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeyClass {
    /// A company's name without suffixes, region words, brackets and width.
    Company,
    /// A phone's digits.
    Phone,
}

/// One field of an entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FieldDef {
    pub key: FieldKey,
    pub label: Label,
    #[serde(flatten)]
    pub kind: FieldType,
    pub required: bool,
    pub unique: bool,
    /// Set by Ketu itself; no form or import writes it.
    pub read_only: bool,
    pub custom: bool,
    pub format: Option<Format>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Characters at most.
    pub max_length: Option<u32>,
    pub search: SearchClass,
    pub merge: MergeClass,
    /// Personal data: never in errors, logs or the audit.
    pub sensitive: bool,
    /// Sorted and filtered often enough to deserve an index.
    pub indexed: bool,
    /// Chinese text that lists order by pinyin.
    pub by_pinyin: bool,
    pub key_class: Option<KeyClass>,
    /// Changing it moves the record to another scope: the door writes a `transfer`.
    pub moves: bool,
    /// Shown in a new user's list, in this order of magnitude of pixels; 0 hides it.
    pub grid_width: u16,
    /// Column names that an import takes for this field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<FieldKey>,
}

impl FieldDef {
    /// A plain, optional field; the builder methods say what is particular.
    pub fn new(key: impl Into<FieldKey>, label: Label, kind: FieldType) -> Self {
        let max_length = match kind {
            FieldType::Text => Some(200),
            FieldType::AutoNumber { .. } => Some(60),
            FieldType::Phone | FieldType::Email => Some(254),
            FieldType::Url => Some(2_000),
            FieldType::LongText => Some(100_000),
            _ => None,
        };
        let merge = match kind {
            FieldType::LongText => MergeClass::Text,
            FieldType::MultiChoice { .. } | FieldType::ManyReference { .. } => MergeClass::Set,
            _ => MergeClass::Scalar,
        };
        Self {
            key: key.into(),
            label,
            kind,
            required: false,
            unique: false,
            read_only: false,
            custom: false,
            format: None,
            min: None,
            max: None,
            max_length,
            search: SearchClass::None,
            merge,
            sensitive: false,
            indexed: false,
            by_pinyin: false,
            key_class: None,
            moves: false,
            grid_width: 0,
            aliases: Vec::new(),
        }
    }

    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self.indexed = true;
        self
    }
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }
    pub fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }
    pub fn range(mut self, min: f64, max: f64) -> Self {
        self.min = Some(min);
        self.max = Some(max);
        self
    }
    pub fn max_length(mut self, characters: u32) -> Self {
        self.max_length = Some(characters);
        self
    }
    pub fn search(mut self, class: SearchClass) -> Self {
        self.search = class;
        self
    }
    pub fn critical(mut self) -> Self {
        self.merge = MergeClass::Critical;
        self
    }
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }
    pub fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }
    pub fn by_pinyin(mut self) -> Self {
        self.by_pinyin = true;
        self
    }
    pub fn keyed(mut self, class: KeyClass) -> Self {
        self.key_class = Some(class);
        self
    }
    pub fn moves(mut self) -> Self {
        self.moves = true;
        self
    }
    /// Shows the field in a new user's list, this many pixels wide.
    pub fn in_grid(mut self, width: u16) -> Self {
        self.grid_width = width;
        self
    }
    pub fn aliases(mut self, names: &[&'static str]) -> Self {
        self.aliases = names.iter().map(|n| Cow::Borrowed(*n)).collect();
        self
    }

    /// The option list this field chooses from.
    pub fn option_list(&self) -> Option<&str> {
        match &self.kind {
            FieldType::Choice { list } | FieldType::MultiChoice { list } => Some(list),
            _ => None,
        }
    }

    /// The entity whose records this field names; options count as records of `option`.
    pub fn target(&self) -> Option<&str> {
        match &self.kind {
            FieldType::Reference { target } | FieldType::ManyReference { target } => Some(target),
            FieldType::Choice { .. } | FieldType::MultiChoice { .. } => Some("option"),
            _ => None,
        }
    }

    /// Name of the derived column that finds equals, e.g. `name_key`.
    pub fn key_column(&self) -> Option<String> {
        self.key_class.map(|_| format!("{}_key", self.key))
    }

    /// Name of the derived column that lists sort by, e.g. `name_sort`.
    pub fn sort_column(&self) -> Option<String> {
        self.by_pinyin.then(|| format!("{}_sort", self.key))
    }
}

macro_rules! shorthand {
    ($($name:ident => $kind:expr),* $(,)?) => {$(
        pub fn $name(key: &'static str, zh: &'static str, en: &'static str) -> FieldDef {
            FieldDef::new(key, label(zh, en), $kind)
        }
    )*};
}

// One constructor per plain type keeps the catalog files readable as prose.
shorthand! {
    text => FieldType::Text,
    long_text => FieldType::LongText,
    number => FieldType::Number,
    percent => FieldType::Percent,
    money => FieldType::Money,
    date => FieldType::Date,
    instant => FieldType::Instant,
    boolean => FieldType::Boolean,
    phone => FieldType::Phone,
    email => FieldType::Email,
    url => FieldType::Url,
    region => FieldType::Region,
}

pub fn choice(
    key: &'static str,
    zh: &'static str,
    en: &'static str,
    list: &'static str,
) -> FieldDef {
    FieldDef::new(key, label(zh, en), FieldType::Choice { list: list.into() })
}

pub fn reference(
    key: &'static str,
    zh: &'static str,
    en: &'static str,
    target: &'static str,
) -> FieldDef {
    let kind = FieldType::Reference {
        target: target.into(),
    };
    FieldDef::new(key, label(zh, en), kind).indexed()
}

pub fn many_reference(
    key: &'static str,
    zh: &'static str,
    en: &'static str,
    target: &'static str,
) -> FieldDef {
    let kind = FieldType::ManyReference {
        target: target.into(),
    };
    FieldDef::new(key, label(zh, en), kind)
}

/// What a record's number was before, for whoever looks for it by that (docs/sync-protocol.md §4.10).
pub fn former_numbers() -> FieldDef {
    text("former_numbers", "曾用编号", "Former numbers")
        .read_only()
        .max_length(1_000)
        .search(SearchClass::Code)
}

pub fn auto_number(
    key: &'static str,
    zh: &'static str,
    en: &'static str,
    prefix: &'static str,
) -> FieldDef {
    let kind = FieldType::AutoNumber {
        prefix: prefix.into(),
    };
    FieldDef::new(key, label(zh, en), kind).unique()
}
