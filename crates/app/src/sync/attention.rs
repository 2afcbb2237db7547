//! Answers of the server that somebody has to look at (docs/sync-protocol.md §2.5).

use std::collections::BTreeMap;

use ketu_model::{Fields, Value};
use ketu_store::sync::OwnOp;
use ketu_store::{Door, Reader, Write};
use ketu_sync::message::{Code, Outcome};
use uuid::Uuid;

use crate::api::event::Event;
use crate::api::records::{FieldChange, Saved, Titles};
use crate::api::session::{Done, Nothing};
use crate::api::sync::{Attention, AttentionItem, OpRef};
use crate::app::App;
use crate::error::{AppError, Result};
use crate::records::saved;
use crate::{board, present, transfer};

/// Why it needs somebody.
enum Answer {
    Rejected { code: Code, field: Option<String> },
    HandedOver { to: Option<Uuid> },
}

fn answer(own: &OwnOp) -> Answer {
    let outcome = own.outcome.as_deref();
    match outcome.and_then(|json| serde_json::from_str(json).ok()) {
        Some(Outcome::HandedOver { to, .. }) => Answer::HandedOver { to },
        Some(Outcome::Rejected { code, field }) => Answer::Rejected { code, field },
        _ => Answer::Rejected {
            code: Code::Malformed,
            field: None,
        },
    }
}

/// What was handed over of one record to one person is one item.
pub(crate) fn list(app: &App, _: Nothing) -> Result<Attention> {
    app.read(|reader| {
        let mut titles = Titles::new();
        let mut items: Vec<AttentionItem> = Vec::new();
        let mut handed: BTreeMap<(Uuid, Option<Uuid>), usize> = BTreeMap::new();
        for own in reader.attention()? {
            let fields = present::changes(reader, &own, &mut titles)?;
            let answer = answer(&own);
            if let Answer::HandedOver { to } = answer {
                if let Some(to) = to {
                    titles.append(&mut reader.titles("user", [to])?);
                }
                if let Some(at) = handed.get(&(own.record, to)) {
                    let item = &mut items[*at];
                    (item.op, item.at) = (own.op, own.hlc.millis());
                    item.count += 1;
                    join(&mut item.fields, fields);
                    continue;
                }
                handed.insert((own.record, to), items.len());
            }
            items.push(item(reader, &own, answer, fields)?);
        }
        // In the order of the log, where it was one moment.
        items.reverse();
        items.sort_by_key(|item| std::cmp::Reverse(item.at));
        Ok(Attention { items, titles })
    })
}

fn item(
    reader: &Reader<'_>,
    own: &OwnOp,
    answer: Answer,
    fields: Vec<FieldChange>,
) -> Result<AttentionItem> {
    let (outcome, code, field, to) = match answer {
        Answer::Rejected { code, field } => ("rejected", Some(name(code)), field, None),
        Answer::HandedOver { to } => ("handed_over", None, None, to),
    };
    Ok(AttentionItem {
        op: own.op,
        entity: own.entity.clone(),
        record: own.record,
        title: present::title_of(reader, own)?,
        kind: own.kind.clone(),
        at: own.hlc.millis(),
        outcome: outcome.to_owned(),
        code,
        field,
        to,
        fields,
        can_retry: can_retry(reader, own)?,
        count: 1,
    })
}

fn name(code: Code) -> String {
    let name = serde_json::to_value(code).ok();
    name.and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// A later change of the same field continues the earlier one.
fn join(fields: &mut Vec<FieldChange>, later: Vec<FieldChange>) {
    for change in later {
        match fields.iter_mut().find(|known| known.field == change.field) {
            Some(known) => known.new = change.new,
            None => fields.push(change),
        }
    }
}

/// Whether the same can be tried again: nothing is wrong with the edit itself, and what it is about is here.
fn can_retry(reader: &Reader<'_>, own: &OwnOp) -> Result<bool> {
    let Answer::Rejected { code, .. } = answer(own) else {
        return Ok(false);
    };
    let Some(entity) = reader.catalog().entity(&own.entity) else {
        return Ok(false);
    };
    let here = reader.get(&entity.key, own.record)?.is_some();
    let above = match own.root == own.record {
        true => true,
        // What a record hangs below is a customer.
        false => reader.get("customer", own.root)?.is_some(),
    };
    Ok(match code {
        Code::Invalid | Code::Malformed | Code::ServerOnly | Code::UnknownEntity => false,
        _ if own.kind == "create" => above,
        Code::NoRoot | Code::NotFound => false,
        Code::Forbidden | Code::Moved | Code::WithOthers => here && own.kind != "split",
    })
}

pub(crate) fn dismiss(app: &App, request: OpRef) -> Result<Done> {
    let store = app.session()?.store;
    store.transact(Write::upkeep(), |door| {
        for own in group(door, &request)? {
            door.dismiss(own.record, own.op)?;
        }
        Ok::<_, AppError>(())
    })?;
    app.emit(&Event::Sync);
    Ok(Done { done: true })
}

/// The operations of the item that is named by its latest one.
fn group(door: &Door<'_>, request: &OpRef) -> Result<Vec<OwnOp>> {
    let all = door.reader().attention()?;
    let named = |own: &&OwnOp| own.record == request.record && own.op == request.op;
    let Some(named) = all.iter().find(named).cloned() else {
        return Ok(Vec::new());
    };
    let Answer::HandedOver { to } = answer(&named) else {
        return Ok(vec![named]);
    };
    let with_it = |own: &OwnOp| {
        own.record == named.record
            && matches!(answer(own), Answer::HandedOver { to: other } if other == to)
    };
    Ok(all.into_iter().filter(with_it).collect())
}

/// Makes the same edit again, on the record as it stands now.
pub(crate) fn retry(app: &App, request: OpRef) -> Result<Saved> {
    let user = app.session()?.user;
    let committed = app.write("retry", |door| {
        let own = group(door, &request)?.into_iter().next();
        let own = own.ok_or_else(|| AppError::refused("not_found").param("entity", "log"))?;
        if !can_retry(&door.reader(), &own)? {
            return Err(AppError::refused("cannot_retry"));
        }
        again(door, user, &own)?;
        door.dismiss(own.record, own.op)?;
        Ok(())
    })?;
    app.emit(&Event::Sync);
    Ok(saved(request.record, &committed))
}

fn again(door: &mut Door<'_>, user: Uuid, own: &OwnOp) -> Result<()> {
    let catalog = std::sync::Arc::clone(door.catalog());
    let entity = present::entity(&catalog, &own.entity)?;
    let mut fields = Fields::new();
    for (key, (_, new)) in &own.patch {
        // What this version has no field for was never typed here.
        if let Some(field) = entity.field(key)
            && let Some(value) = Value::from_json(&field.kind, new)
        {
            fields.set(field.key.clone(), value);
        }
    }
    match (own.kind.as_str(), own.other) {
        ("create", _) if door.get(&own.entity, own.record)?.is_none() => {
            door.create(&own.entity, Some(own.record), fields)?;
        }
        ("delete", _) => drop(door.remove(&own.entity, own.record)?),
        ("restore", _) => drop(door.restore(&own.entity, own.record)?),
        ("merge", Some(other)) => transfer::merge_in(door, user, own.record, other)?,
        _ => drop(board::update(door, &own.entity, own.record, fields)?),
    }
    Ok(())
}
