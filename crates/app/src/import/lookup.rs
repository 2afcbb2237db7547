//! Names that cells use and the records they mean: options, tags, stages, pipelines, users.

use std::collections::{BTreeMap, HashMap};

use ketu_model::catalog::shipped::shipped_pipeline;
use ketu_model::ids::{normal_name, option_id, tag_id};
use ketu_model::normalise::text::clean;
use ketu_model::{Catalog, Fields, Value};
use ketu_store::{Reader, Select};
use uuid::Uuid;

use crate::error::Result;

/// Words for options that differ from their names.
const SYNONYMS: &[(&str, &[(&str, &str)])] = &[(
    "contact.gender",
    &[
        ("先生", "男"),
        ("m", "男"),
        ("mr", "男"),
        ("女士", "女"),
        ("小姐", "女"),
        ("f", "女"),
        ("ms", "女"),
        ("mrs", "女"),
    ],
)];

/// Endings that people add to an option's name: A类, B级客户, 意向客户.
const ENDINGS: &[&str] = &["类客户", "级客户", "型客户", "客户", "类", "级", "型"];

/// An option or tag that is to be added, as its record will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewName {
    pub entity: &'static str,
    /// The option list; empty for tags.
    pub list: String,
    pub name: String,
    pub id: Uuid,
}

impl NewName {
    pub fn fields(&self, position: f64) -> Fields {
        if self.entity == "tag" {
            return Fields::new().with("name", self.name.as_str());
        }
        Fields::new()
            .with("list", self.list.as_str())
            .with("name", self.name.as_str())
            .with("position", position)
    }
}

#[derive(Debug, Clone)]
struct Named {
    id: Uuid,
    zh: String,
    en: String,
}

impl Named {
    fn title(&self, english: bool) -> &str {
        if english && !self.en.is_empty() {
            &self.en
        } else {
            &self.zh
        }
    }
}

#[derive(Debug, Clone)]
struct Stage {
    named: Named,
    pipeline: Option<Uuid>,
}

/// All names, read once for a plan.
#[derive(Debug, Clone, Default)]
pub struct Lookup {
    options: HashMap<String, Vec<Named>>,
    tags: HashMap<String, Uuid>,
    users: HashMap<String, Uuid>,
    pipelines: Vec<Named>,
    stages: Vec<Stage>,
}

impl Lookup {
    pub fn load(reader: &Reader<'_>) -> Result<Self> {
        let mut lookup = Self::default();
        for record in reader.list(&Select::all("option").sort("position", false))? {
            if let Some(list) = record.fields.text("list") {
                lookup
                    .options
                    .entry(list.to_owned())
                    .or_default()
                    .push(named(record.id, &record.fields));
            }
        }
        for record in reader.list(&Select::all("tag"))? {
            lookup.tags.insert(
                normal_name(record.fields.text("name").unwrap_or_default()),
                record.id,
            );
        }
        for record in reader.list(&Select::all("user"))? {
            lookup.users.insert(
                normal_name(record.fields.text("name").unwrap_or_default()),
                record.id,
            );
        }
        for record in reader.list(&Select::all("pipeline").sort("position", false))? {
            lookup.pipelines.push(named(record.id, &record.fields));
        }
        for record in reader.list(&Select::all("stage").sort("position", false))? {
            if record.fields.value("archived") != &Value::Bool(true) {
                lookup.stages.push(Stage {
                    named: named(record.id, &record.fields),
                    pipeline: record.fields.id("pipeline"),
                });
            }
        }
        Ok(lookup)
    }

    /// The option that a cell means, or the one that will have to be added. `None` for a name of
    /// nothing but white space.
    pub fn option(&self, list: &str, cell: &str) -> Option<Result<Uuid, NewName>> {
        let name = normal_name(cell);
        if name.is_empty() {
            return None;
        }
        let options = self.options.get(list).map_or(&[][..], Vec::as_slice);
        if let Some(id) = find(options, &name).or_else(|| self.synonym(list, &name)) {
            return Some(Ok(id));
        }
        let shorter = ENDINGS
            .iter()
            .find_map(|ending| name.strip_suffix(ending))
            .filter(|rest| !rest.is_empty());
        if let Some(id) = shorter.and_then(|shorter| find(options, shorter.trim_end())) {
            return Some(Ok(id));
        }
        Some(Err(NewName {
            entity: "option",
            list: list.to_owned(),
            name: clean(cell).into_owned(),
            id: option_id(list, cell),
        }))
    }

    fn synonym(&self, list: &str, name: &str) -> Option<Uuid> {
        let (_, words) = SYNONYMS.iter().find(|(of, _)| *of == list)?;
        let (_, means) = words.iter().find(|(word, _)| *word == name)?;
        find(self.options.get(list)?, means)
    }

    pub fn tag(&self, cell: &str) -> Option<Result<Uuid, NewName>> {
        let name = normal_name(cell);
        if name.is_empty() {
            return None;
        }
        Some(self.tags.get(&name).copied().ok_or_else(|| NewName {
            entity: "tag",
            list: String::new(),
            name: clean(cell).into_owned(),
            id: tag_id(cell),
        }))
    }

    pub fn user(&self, cell: &str) -> Option<Uuid> {
        self.users.get(&normal_name(cell)).copied()
    }

    pub fn pipeline(&self, cell: &str) -> Option<Uuid> {
        find(&self.pipelines, &normal_name(cell))
    }

    /// A stage by name, in the given pipeline or in the first that has one of that name.
    pub fn stage(&self, pipeline: Option<Uuid>, cell: &str) -> Option<Uuid> {
        let name = normal_name(cell);
        let mut tried: Vec<Option<Uuid>> = vec![pipeline];
        if pipeline.is_none() {
            tried = self
                .pipelines
                .iter()
                .map(|pipeline| Some(pipeline.id))
                .collect();
        }
        tried.into_iter().find_map(|pipeline| {
            let stages: Vec<Named> = self
                .stages
                .iter()
                .filter(|stage| stage.pipeline == pipeline)
                .map(|stage| stage.named.clone())
                .collect();
            find(&stages, &name)
        })
    }

    /// The pipeline that a stage belongs to.
    pub fn pipeline_of(&self, stage: Uuid) -> Option<Uuid> {
        self.stages
            .iter()
            .find(|known| known.named.id == stage)?
            .pipeline
    }

    /// Where an opportunity begins that names no pipeline: the shipped one for projects, or the
    /// first there is.
    pub fn first_pipeline(&self) -> Option<Uuid> {
        let shipped = shipped_pipeline("project");
        let known = self
            .pipelines
            .iter()
            .find(|pipeline| pipeline.id == shipped);
        known.or(self.pipelines.first()).map(|pipeline| pipeline.id)
    }

    pub fn first_stage(&self, pipeline: Option<Uuid>) -> Option<Uuid> {
        self.stages
            .iter()
            .find(|stage| stage.pipeline == pipeline)
            .map(|stage| stage.named.id)
    }

    /// How many options a list has: where a new one is put.
    pub fn list_length(&self, list: &str) -> usize {
        self.options.get(list).map_or(0, Vec::len)
    }

    /// Names of a list's options in their order.
    pub fn names_of(&self, list: &str, english: bool) -> Vec<String> {
        let options = self.options.get(list).map_or(&[][..], Vec::as_slice);
        options
            .iter()
            .map(|named| named.title(english).to_owned())
            .collect()
    }

    /// Names for showing: options, tags, users, pipelines and stages by id.
    pub fn titles(&self, english: bool) -> BTreeMap<Uuid, String> {
        let title = |named: &Named| (named.id, named.title(english).to_owned());
        let options = self.options.values().flatten().map(title);
        options
            .chain(self.pipelines.iter().map(title))
            .chain(self.stages.iter().map(|stage| title(&stage.named)))
            .collect()
    }

    /// The field that a list belongs to, for telling people where a new option goes.
    pub fn list_field(catalog: &Catalog, list: &str) -> Option<String> {
        catalog.entities.iter().find_map(|entity| {
            let field = entity
                .fields
                .iter()
                .find(|field| field.option_list() == Some(list))?;
            Some(format!("{}.{}", entity.key, field.key))
        })
    }
}

fn named(id: Uuid, fields: &Fields) -> Named {
    Named {
        id,
        zh: fields.text("name").unwrap_or_default().to_owned(),
        en: fields.text("name_en").unwrap_or_default().to_owned(),
    }
}

/// By name in either language; else the one name that begins with it: A finds A 重点.
fn find(known: &[Named], name: &str) -> Option<Uuid> {
    let names = |named: &Named| [normal_name(&named.zh), normal_name(&named.en)];
    if let Some(same) = known
        .iter()
        .find(|named| names(named).iter().any(|known| known == name))
    {
        return Some(same.id);
    }
    let begins = |known: &str| {
        known.strip_prefix(name).is_some_and(|rest| {
            // A single letter or character has to be a word of its own.
            name.chars().count() >= 2 && !name.is_ascii()
                || !rest.starts_with(char::is_alphanumeric)
        })
    };
    let mut candidates = known
        .iter()
        .filter(|named| names(named).iter().any(|known| begins(known)));
    match (candidates.next(), candidates.next()) {
        (Some(only), None) => Some(only.id),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn levels() -> Lookup {
        let mut lookup = Lookup::default();
        let options = [
            ("A 重点", "A Key"),
            ("B 重要", "B Important"),
            ("潜在", "Potential"),
            ("电话咨询", "Inbound call"),
        ];
        let named = options.iter().zip(1..).map(|((zh, en), n)| Named {
            id: Uuid::from_u128(n),
            zh: (*zh).into(),
            en: (*en).into(),
        });
        lookup.options.insert("list".into(), named.collect());
        lookup
    }

    #[test]
    fn an_option_is_found_by_either_name_by_its_unique_beginning_and_without_its_ending() {
        let lookup = levels();
        for (cell, id) in [
            ("A 重点", 1),
            ("ａ　重点", 1),
            ("a key", 1),
            ("A", 1),
            ("A类", 1),
            ("A类客户", 1),
            ("b", 2),
            ("潜在客户", 3),
            ("电话", 4),
            ("inbound CALL", 4),
        ] {
            assert_eq!(
                lookup.option("list", cell),
                Some(Ok(Uuid::from_u128(id))),
                "{cell}"
            );
        }
    }

    #[test]
    fn an_unknown_option_becomes_a_new_one_with_the_id_that_any_laptop_would_give_it() {
        let Some(Err(new)) = levels().option("list", " 战略 ") else {
            panic!("战略 is no option")
        };
        assert_eq!(
            (new.name.as_str(), new.id),
            ("战略", option_id("list", "战略"))
        );
        assert_eq!(levels().option("list", " \u{200b}"), None);
    }
}
