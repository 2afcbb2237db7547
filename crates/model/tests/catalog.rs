//! The catalog against its committed snapshot, and what every catalog has to keep.
//!
//! The snapshot holds what can never change once files with it exist: entities, fields, their types and
//! merge classes, shipped ids. `KETU_EXTEND_CATALOG=1` adds what is new to it; what is gone or different
//! fails all the same.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ketu_model::catalog::shipped::shipped_records;
use ketu_model::entity::{EntityDef, Root, RowOrder, Scope};
use ketu_model::field::{FieldDef, FieldType, MergeClass, SearchClass};
use ketu_model::normalise::text::fold;
use ketu_model::validate::{check_record, check_value};
use ketu_model::{Catalog, Value};
use serde_json::{Map, Value as Json, json};

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog.snapshot.json");

/// What of the catalog is frozen, as nested objects, so that a path names each fact.
fn frozen(catalog: &Catalog) -> Json {
    let entities = catalog.entities.iter().map(|entity| {
        let fields = entity
            .core_fields()
            .map(|field| (field.key.to_string(), frozen_field(field)));
        let facts = json!({
            "root": entity.root,
            "scope": entity.scope,
            "row_order": entity.row_order,
            "fields": fields.collect::<Map<_, _>>(),
        });
        (entity.key.to_string(), facts)
    });
    let shipped = shipped_records().into_iter().map(|record| {
        let names = ["list", "pipeline", "name"].map(|key| record.fields.value(key).to_json());
        let names = names
            .iter()
            .filter_map(Json::as_str)
            .collect::<Vec<_>>()
            .join("/");
        (
            record.id.to_string(),
            json!(format!("{}: {names}", record.entity)),
        )
    });
    json!({ "entities": entities.collect::<Map<_, _>>(), "shipped": shipped.collect::<Map<_, _>>() })
}

fn frozen_field(field: &FieldDef) -> Json {
    json!({ "type": field.kind, "merge": field.merge, "unique": field.unique, "moves": field.moves })
}

/// Facts of `snapshot` that `catalog` lacks or has otherwise, and facts that only `catalog` has.
fn differences(
    snapshot: &Json,
    catalog: &Json,
    path: &str,
    broken: &mut Vec<String>,
    added: &mut Vec<String>,
) {
    let (Json::Object(old), Json::Object(new)) = (snapshot, catalog) else {
        if snapshot != catalog {
            broken.push(format!("{path}: was {snapshot}, is {catalog}"));
        }
        return;
    };
    for (key, fact) in old {
        match new.get(key) {
            Some(now) => differences(fact, now, &format!("{path}/{key}"), broken, added),
            None => broken.push(format!("{path}/{key}: is gone")),
        }
    }
    added.extend(
        new.keys()
            .filter(|key| !old.contains_key(*key))
            .map(|key| format!("{path}/{key}")),
    );
}

fn compare(snapshot: &Json, catalog: &Json) -> (Vec<String>, Vec<String>) {
    let (mut broken, mut added) = (Vec::new(), Vec::new());
    differences(snapshot, catalog, "", &mut broken, &mut added);
    (broken, added)
}

#[test]
fn no_field_of_the_committed_snapshot_is_gone_retyped_or_merged_otherwise() {
    let now = frozen(&Catalog::core());
    let extend = std::env::var_os("KETU_EXTEND_CATALOG").is_some();
    let snapshot: Json = match std::fs::read(SNAPSHOT) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
        Err(_) if extend => json!({}),
        Err(error) => panic!("{SNAPSHOT}: {error}"),
    };
    let (broken, added) = compare(&snapshot, &now);
    assert!(
        broken.is_empty(),
        "files out there hold these as they were:\n{}",
        broken.join("\n")
    );
    if extend {
        let mut text = serde_json::to_string_pretty(&now).unwrap();
        text.push('\n');
        std::fs::write(Path::new(SNAPSHOT), text).unwrap();
    } else {
        assert!(
            added.is_empty(),
            "not in the snapshot yet (KETU_EXTEND_CATALOG=1 adds them):\n{}",
            added.join("\n")
        );
    }
}

#[test]
fn the_snapshot_notices_removal_retyping_another_merge_class_and_addition() {
    let core = Catalog::core();
    let snapshot = frozen(&core);
    let changed = |change: &dyn Fn(&mut EntityDef)| {
        let mut catalog = core.as_ref().clone();
        change(
            catalog
                .entities
                .iter_mut()
                .find(|entity| entity.key == "customer")
                .unwrap(),
        );
        compare(&snapshot, &frozen(&catalog))
    };
    let field = |entity: &mut EntityDef, key: &str, change: &dyn Fn(&mut FieldDef)| {
        change(
            entity
                .fields
                .iter_mut()
                .find(|field| field.key == key)
                .unwrap(),
        );
    };
    let (broken, _) = changed(&|entity| entity.fields.retain(|field| field.key != "alias"));
    assert_eq!(broken, ["/entities/customer/fields/alias: is gone"]);
    let (broken, _) =
        changed(&|entity| field(entity, "alias", &|field| field.kind = FieldType::Number));
    assert_eq!(broken.len(), 1, "{broken:?}");
    let (broken, _) =
        changed(&|entity| field(entity, "alias", &|field| field.merge = MergeClass::Critical));
    assert_eq!(broken.len(), 1, "{broken:?}");
    let (broken, added) = changed(&|entity| {
        let mut twin = entity.fields[0].clone();
        twin.key = "slogan".into();
        entity.fields.push(twin);
    });
    assert_eq!(
        (broken, added),
        (vec![], vec!["/entities/customer/fields/slogan".to_owned()])
    );
    // Labels, widths and aliases are free to change.
    let (broken, added) = changed(&|entity| field(entity, "alias", &|field| field.grid_width = 7));
    assert_eq!((broken, added), (vec![], vec![]));
}

#[test]
fn keys_are_unique_and_safe_as_names_of_tables_and_columns() {
    let catalog = Catalog::core();
    let mut tables = BTreeSet::new();
    for entity in &catalog.entities {
        let mut columns: BTreeSet<String> = [
            "rid",
            "id",
            "root_id",
            "rev",
            "hlc",
            "author",
            "versions",
            "deleted_at",
            "created_at",
            "created_by",
            "updated_at",
            "updated_by",
            "custom",
        ]
        .map(str::to_owned)
        .into();
        assert!(
            tables.insert(entity.key.to_string()),
            "two entities are called {}",
            entity.key
        );
        let keys = entity.fields.iter().flat_map(|field| {
            let currency =
                (field.kind == FieldType::Money).then(|| format!("{}_currency", field.key));
            [
                Some(field.key.to_string()),
                field.key_column(),
                field.sort_column(),
                currency,
            ]
            .into_iter()
            .flatten()
        });
        for key in keys.chain([entity.key.to_string()]) {
            let plain = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(plain, "{}.{key} is not a plain name", entity.key);
        }
        for field in &entity.fields {
            let derived = [
                Some(field.key.to_string()),
                field.key_column(),
                field.sort_column(),
            ];
            for column in derived.into_iter().flatten() {
                assert!(
                    columns.insert(column.clone()),
                    "{} has two columns {column}",
                    entity.key
                );
            }
        }
    }
}

#[test]
fn a_column_name_of_a_spreadsheet_means_one_field_of_an_entity() {
    for entity in Catalog::core().entities.iter() {
        let mut meaning: BTreeMap<String, &str> = BTreeMap::new();
        for field in &entity.fields {
            let names: BTreeSet<String> = field
                .aliases
                .iter()
                .chain([&field.label.zh, &field.label.en])
                .map(|name| fold(name).into_owned())
                .collect();
            for name in names {
                let other = meaning.insert(name.clone(), &field.key);
                assert_eq!(
                    other, None,
                    "{}: {name} means {} too",
                    entity.key, field.key
                );
            }
        }
    }
}

#[test]
fn titles_roots_row_orders_and_targets_name_what_exists() {
    let catalog = Catalog::core();
    for entity in &catalog.entities {
        let title = entity
            .field(&entity.title)
            .unwrap_or_else(|| panic!("{} has no title", entity.key));
        assert!(
            matches!(title.kind, FieldType::Text | FieldType::LongText),
            "{}",
            entity.key
        );
        if let Root::Of(key) = &entity.root {
            let field = entity.field(key).unwrap();
            let root = catalog.entity(field.target().unwrap()).unwrap();
            assert_eq!(
                root.root,
                Root::Own,
                "{} hangs below {}, which is no root",
                entity.key,
                root.key
            );
            // Search, lists and the recycle bin know one kind of root.
            assert_eq!(root.key, "customer");
            assert!(
                field.moves,
                "{}.{key} moves a record to another root",
                entity.key
            );
        }
        if let RowOrder::By(key) = &entity.row_order {
            let field = entity.field(key).unwrap();
            assert_eq!(field.kind, FieldType::Instant);
            assert!(
                field.required,
                "{}.{key} orders the rows, so each has one",
                entity.key
            );
        }
        assert_eq!(
            entity.scope == Scope::Org || entity.key == "conflict",
            entity.system,
            "{}: shared data and cards have screens of their own",
            entity.key
        );
        for field in &entity.fields {
            if let Some(target) = field.target() {
                assert!(
                    catalog.entity(target).is_some(),
                    "{}.{} names {target}",
                    entity.key,
                    field.key
                );
            }
            assert!(!field.custom, "no field of one's own ships");
            assert!(
                !field.label.zh.is_empty() && !field.label.en.is_empty(),
                "{}.{}",
                entity.key,
                field.key
            );
            let has_long_text = matches!(field.kind, FieldType::Text | FieldType::LongText);
            assert!(
                field.search != SearchClass::Text || has_long_text,
                "{}.{}",
                entity.key,
                field.key
            );
            assert!(
                field.key != "owner" || field.target() == Some("user"),
                "{}.owner",
                entity.key
            );
        }
    }
}

#[test]
fn contact_data_is_marked_sensitive() {
    for (entity, field) in Catalog::core()
        .entities
        .iter()
        .flat_map(|e| e.fields.iter().map(move |f| (e, f)))
    {
        let personal =
            matches!(field.kind, FieldType::Phone | FieldType::Email) && entity.key != "customer";
        assert!(!personal || field.sensitive, "{}.{}", entity.key, field.key);
    }
}

#[test]
fn options_ship_for_every_choice_and_nothing_ships_for_no_field() {
    let catalog = Catalog::core();
    let fields = catalog.entities.iter().flat_map(|entity| &entity.fields);
    let wanted: BTreeSet<String> = fields
        .filter_map(|field| field.option_list().map(str::to_owned))
        .collect();
    let shipped: BTreeSet<String> = shipped_records()
        .iter()
        .filter_map(|record| record.fields.text("list").map(str::to_owned))
        .collect();
    assert_eq!(wanted, shipped);
}

#[test]
fn shipped_records_are_valid_have_ids_of_their_own_and_refer_to_shipped_ones() {
    let catalog = Catalog::core();
    let records = shipped_records();
    let ids: BTreeSet<_> = records.iter().map(|record| record.id).collect();
    assert_eq!(ids.len(), records.len());
    for record in &records {
        let entity = catalog.entity(record.entity).unwrap();
        assert_eq!(check_record(entity, &record.fields), [], "{record:?}");
        for (key, value) in record.fields.iter() {
            let field = entity.field(key).unwrap();
            assert_eq!(
                check_value(field, value.clone()).as_ref(),
                Ok(value),
                "{}.{key}",
                entity.key
            );
            if let Value::Id(id) = value {
                assert!(ids.contains(id), "{}.{key} leads nowhere", entity.key);
            }
        }
    }
}
