//! Plans and results as the window shows them.

use super::*;

pub(super) fn cell_issue(planned: &Planned, names: &[String], issue: &Issue) -> CellIssue {
    let row = &planned.plan.rows[issue.row as usize];
    let number = planned
        .table
        .row(row.at as usize)
        .map_or(0, |row| row.number());
    CellIssue {
        row: number,
        column: issue.column.map(count),
        column_name: issue
            .column
            .and_then(|column| names.get(column))
            .cloned()
            .unwrap_or_default(),
        code: issue.fault.code.to_owned(),
        params: issue
            .fault
            .params
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
        warning: issue.fault.warning,
    }
}

pub(super) fn new_options(catalog: &Catalog, layout: &Layout, plan: &Plan) -> Vec<NewOption> {
    let field = |added: &super::super::lookup::NewName| {
        let mapped = layout.columns().iter().find(|column| match added.entity {
            "tag" => column.field.target() == Some("tag"),
            _ => column.field.option_list() == Some(added.list.as_str()),
        });
        mapped.map_or_else(
            || Lookup::list_field(catalog, &added.list),
            |column| Some(column.target.to_string()),
        )
    };
    plan.new_names
        .iter()
        .map(|added| NewOption {
            field: field(&added.name).unwrap_or_else(|| added.name.list.clone()),
            name: added.name.name.clone(),
            rows: added.rows,
        })
        .collect()
}

pub(super) fn by_entity(records: &[u32; 5]) -> BTreeMap<String, u32> {
    let counted = Part::ALL
        .into_iter()
        .zip(records)
        .filter(|(_, count)| **count > 0);
    counted
        .map(|(part, count)| (part.entity().to_owned(), *count))
        .collect()
}

pub(super) fn changed(changes: &[Change]) -> Event {
    const MOST: usize = 1_000;
    let mut entities: Vec<String> = Vec::new();
    for change in changes {
        if !entities.iter().any(|entity| *entity == change.entity) {
            entities.push(change.entity.to_string());
        }
    }
    entities.sort_unstable();
    Event::Changed {
        entities,
        ids: changes.iter().take(MOST).map(|change| change.id).collect(),
        all: changes.len() > MOST,
    }
}
