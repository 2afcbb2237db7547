//! The view: the server's row with this laptop's live ops on top (docs/sync-protocol.md §5.6).

use ketu_model::Catalog;
use ketu_model::field::MergeClass;

use super::{Local, Own};
use crate::merge;
use crate::message::Kind;
use crate::planted::{Bug, on};
use crate::record::{DELETED, Row, Seq, Values, canonical};
use crate::server::root_of;

/// What is to be shown of a record; `None` where there is nothing.
pub fn shown(local: &Local, catalog: &Catalog) -> Option<Row> {
    if on(Bug::PullOverPending) && local.base.is_some() {
        return local.base.clone();
    }
    let live = local.ops.iter().filter(|own| own.state.is_live());
    over(local.base.clone(), live, catalog)
}

/// The server's row with these ops on top.
pub(super) fn over<'o>(
    base: Option<Row>,
    ops: impl Iterator<Item = &'o Own>,
    catalog: &Catalog,
) -> Option<Row> {
    let rev = base.as_ref().map(|row| row.rev);
    let mut view = base;
    for own in ops {
        replay(&mut view, own, rev, catalog);
    }
    view
}

fn replay(view: &mut Option<Row>, own: &Own, base: Option<Seq>, catalog: &Catalog) {
    let op = &own.op;
    let entity = catalog.entity(&op.entity);
    let at = op.hlc.millis();
    let Some(row) = view else {
        if op.kind == Kind::Create {
            let fields: Values = op
                .patch
                .iter()
                .map(|(key, (_, new))| (key.clone(), canonical(new.clone())))
                .filter(|(_, value)| !value.is_null())
                .collect();
            let root = entity.map_or(op.root, |entity| root_of(entity, op.record, &fields));
            *view = Some(Row {
                entity: op.entity.clone(),
                id: op.record,
                root,
                rev: 0,
                created_at: at,
                created_by: op.author,
                updated_at: at,
                updated_by: op.author,
                deleted: None,
                fields,
            });
        }
        return;
    };
    match op.kind {
        Kind::Create | Kind::Update | Kind::Transfer => {
            for (key, (old, new)) in op.patch.iter().filter(|(key, _)| own.shows(key, base)) {
                let class = entity
                    .and_then(|entity| entity.field(key))
                    .map_or(MergeClass::Scalar, |field| field.merge);
                let value = merge::replay(class, row.value(key), old, new);
                row.set(key, value);
            }
            if op.kind == Kind::Transfer
                && let Some(entity) = entity
            {
                row.root = root_of(entity, row.id, &row.fields);
            }
        }
        Kind::Delete | Kind::Restore if !own.shows(DELETED, base) => {}
        Kind::Delete => {
            let given = op.patch.get(DELETED).and_then(|(_, at)| at.as_i64());
            row.deleted = row.deleted.or(Some(given.unwrap_or(at)));
        }
        Kind::Restore => row.deleted = None,
        // What they do to other records stands there as ops that they carry.
        Kind::Merge | Kind::Split => {}
    }
    row.updated_at = at;
    row.updated_by = op.author;
}
