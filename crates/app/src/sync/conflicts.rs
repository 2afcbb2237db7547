//! Cards: what two laptops could not decide, for a person to decide (B6, docs/sync-protocol.md §4.12).

use std::collections::BTreeMap;

use ketu_model::authorize::{Act, Actor};
use ketu_model::query::Test;
use ketu_model::{Fields, RecordId};
use ketu_store::{Door, Reader, Select, StoredRecord};
use serde_json::Value as Json;
use uuid::Uuid;

use super::account::Account;
use crate::api::records::{Saved, Titles};
use crate::api::sync::{
    ConflictCard, ConflictField, Conflicts, ConflictsRequest, SettleConflicts, Settled,
};
use crate::app::{App, not_found};
use crate::customers::condition;
use crate::error::{AppError, Result};
use crate::present::{self, ids_in};
use crate::records::saved;
use crate::rights::{self, require};
use crate::{board, transfer};

/// Cards that one answer holds at most.
const MOST: u32 = 500;
const DAY: i64 = 86_400_000;
/// How long what was decided can be taken back.
const WAY_BACK: i64 = 30 * DAY;
/// A card that its owner leaves alone for so long is the manager's as well.
const PATIENCE: i64 = 3 * DAY;
/// The key under which a deletion stands in a card.
const DELETED: &str = "deleted_at";

/// Whose decisions are asked for.
#[derive(Debug, Clone, Copy)]
struct Viewer {
    user: Uuid,
    leads: bool,
    now: i64,
}

impl Viewer {
    fn of(app: &App) -> Result<Self> {
        let session = app.session()?;
        let role = Account::load(&session.store)?.and_then(|account| account.role);
        Ok(Self {
            user: session.user,
            leads: role.is_some_and(|role| role != "salesperson"),
            now: app.clock().now(),
        })
    }
}

/// Open cards that are this person's to decide.
pub(super) fn count(app: &App, reader: &Reader<'_>) -> Result<u32> {
    let viewer = Viewer::of(app)?;
    let mut mine = 0;
    for card in reader.list(&open())? {
        mine += u32::from(Card::of(&card).is_for(reader, viewer)?);
    }
    Ok(mine)
}

pub(crate) fn list(app: &App, request: ConflictsRequest) -> Result<Conflicts> {
    let viewer = Viewer::of(app)?;
    let since = viewer.now - WAY_BACK;
    app.read(|reader| {
        let cards = Select::all("conflict").limit(MOST);
        let mut found = reader.list(&open().sort("created_at", true).limit(MOST))?;
        if request.settled {
            let settled = cards
                .filter(condition("state", Test::IsNot, "open".into()))
                .sort("updated_at", true);
            let settled = reader.list(&settled)?.into_iter();
            found.extend(settled.filter(|card| card.updated_at >= since));
        }
        let mut titles = Titles::new();
        let cards = found
            .into_iter()
            .map(|card| shown(reader, card, viewer, since, &mut titles))
            .collect::<Result<_>>()?;
        Ok(Conflicts { cards, titles })
    })
}

fn open() -> Select {
    Select::all("conflict").filter(condition("state", Test::Is, "open".into()))
}

/// A card's fields as they are used here.
struct Card<'r> {
    record: &'r StoredRecord,
    kind: &'r str,
    entity: &'r str,
    about: Uuid,
    field: &'r str,
    customer: Option<Uuid>,
}

impl<'r> Card<'r> {
    fn of(record: &'r StoredRecord) -> Self {
        let text = |key: &str| record.fields.text(key).unwrap_or_default();
        Self {
            kind: text("kind"),
            entity: text("entity"),
            about: text("record").parse().unwrap_or_default(),
            field: text("field"),
            customer: record.fields.id("customer"),
            record,
        }
    }

    /// A value in the JSON form of the log.
    fn value(&self, key: &str) -> Json {
        let text = self.record.fields.text(key);
        text.and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    /// Whoever is asked decides; else whoever has the customer, and after a while who leads them.
    fn is_for(&self, reader: &Reader<'_>, viewer: Viewer) -> Result<bool> {
        if let Some(asked) = self.record.fields.id("asked") {
            return Ok(asked == viewer.user);
        }
        let (entity, id) = match self.customer {
            Some(customer) => ("customer", customer),
            None => (self.entity, self.about),
        };
        if reader.catalog().entity(entity).is_none() {
            return Ok(false);
        }
        let about = reader.get(entity, id)?;
        let owner = about.and_then(|about| about.fields.id("owner"));
        let late = viewer.now - self.record.created_at > PATIENCE;
        Ok(owner == Some(viewer.user) || viewer.leads && (late || owner.is_none()))
    }

    /// Whether the record as a whole is in question: removed, or kept.
    fn is_about_removal(&self) -> bool {
        matches!(self.kind, "deleted" | "revived")
    }
}

fn shown(
    reader: &Reader<'_>,
    record: StoredRecord,
    viewer: Viewer,
    since: i64,
    titles: &mut Titles,
) -> Result<ConflictCard> {
    let card = Card::of(&record);
    let name = |entity: &str, id: Uuid| -> Result<String> {
        if reader.catalog().entity(entity).is_none() {
            return Ok(String::new());
        }
        let title = reader.titles(entity, [id])?.remove(&id);
        Ok(title.unwrap_or_default())
    };
    let text = |key: &str| record.fields.text(key).unwrap_or_default().to_owned();
    let time = |key: &str| record.fields.value(key).as_instant();
    let author = |key: &str| record.fields.id(key);
    for author in ["your_author", "their_author"]
        .into_iter()
        .filter_map(author)
    {
        titles.append(&mut reader.titles("user", [author])?);
    }
    let fields = match card.is_about_removal() || card.field.is_empty() {
        true => Vec::new(),
        false => vec![disputed(reader, &card, titles)?],
    };
    let decision = match text("state") == "open" {
        true => Decision::default(),
        false => decision(reader, &record, since)?,
    };
    if let Some(by) = decision.by {
        titles.append(&mut reader.titles("user", [by])?);
    }
    Ok(ConflictCard {
        id: record.id,
        kind: card.kind.to_owned(),
        customer: card.customer,
        customer_name: match card.customer {
            Some(customer) => name("customer", customer)?,
            None => String::new(),
        },
        entity: card.entity.to_owned(),
        record: card.about,
        title: name(card.entity, card.about)?,
        fields,
        your_author: author("your_author"),
        their_author: author("their_author"),
        your_time: time("your_time"),
        their_time: time("their_time"),
        state: text("state"),
        mine: card.is_for(reader, viewer)?,
        made_at: record.created_at,
        settled_by: decision.step,
        decided_by: decision.by,
        decided_here: decision.here,
    })
}

fn disputed(reader: &Reader<'_>, card: &Card<'_>, titles: &mut Titles) -> Result<ConflictField> {
    let definition = reader.catalog().entity(card.entity);
    let current = match definition {
        Some(entity) => reader.get(&entity.key, card.about)?,
        None => None,
    };
    let current = current.map_or(Json::Null, |record| match card.field {
        DELETED => record.deleted_at.map_or(Json::Null, Json::from),
        field => record.fields.value(field).to_json(),
    });
    let field = ConflictField {
        field: card.field.to_owned(),
        base: card.value("base"),
        yours: card.value("yours"),
        theirs: card.value("theirs"),
        current,
    };
    let target = match card.kind {
        "duplicate" => definition.map(|entity| entity.key.as_ref()),
        _ => definition
            .and_then(|entity| entity.field(card.field))
            .and_then(|field| field.target())
            .filter(|target| *target != "option"),
    };
    if let Some(target) = target {
        let values = [&field.base, &field.yours, &field.theirs, &field.current];
        titles.append(&mut reader.titles(target, values.into_iter().flat_map(ids_in))?);
    }
    Ok(field)
}

/// How a card came to be settled.
#[derive(Default)]
struct Decision {
    by: Option<Uuid>,
    here: bool,
    /// The step of this laptop, where it stands and is young enough.
    step: Option<Uuid>,
}

fn decision(reader: &Reader<'_>, card: &StoredRecord, since: i64) -> Result<Decision> {
    let rows = reader.history(RecordId(card.id))?;
    let last = rows.into_iter().find(|row| row.patch.contains_key("state"));
    let Some(last) = last else {
        // The server's history holds a card's last entries only; who changed it last is told with its row.
        return Ok(Decision {
            by: card.updated_by,
            ..Decision::default()
        });
    };
    let here = last.state != "history";
    let young = ketu_model::clock::Hlc(last.hlc).millis() >= since;
    let step = match here && young {
        true => reader.standing(last.tx)?.map(|tx| tx.0),
        false => None,
    };
    Ok(Decision {
        by: last.author,
        here,
        step,
    })
}

/// Decides cards, all in one step: the records get what was chosen, and the cards their answer. What somebody else settled
/// meanwhile stands, and does not keep the others from being decided.
pub(crate) fn settle(app: &App, request: SettleConflicts) -> Result<Settled> {
    let user = app.session()?.user;
    if !["yours", "theirs"].contains(&request.choice.as_str()) {
        return Err(AppError::refused("unknown_choice"));
    }
    if request.ids.is_empty() {
        return Err(AppError::refused("nothing_selected"));
    }
    let committed = app.write("settle", |door| {
        let actor = rights::actor(&door.reader(), user)?;
        let (mut first, mut skipped) = (None, Vec::new());
        for id in &request.ids {
            let record = door.get("conflict", *id)?;
            let record = record.ok_or_else(|| not_found("conflict", *id))?;
            if record.fields.text("state") != Some("open") {
                skipped.push(*id);
                continue;
            }
            first.get_or_insert(*id);
            let card = Card::of(&record);
            decide(door, user, actor.as_ref(), &card, request.choice == "yours")?;
            let state = Fields::new().with("state", request.choice.as_str());
            door.update("conflict", *id, state)?;
        }
        let first = first.ok_or_else(|| AppError::refused("already_settled"))?;
        Ok((first, skipped))
    })?;
    let Saved { id, tx, changed } = saved(committed.value.0, &committed);
    let (_, skipped) = committed.value;
    Ok(Settled {
        id,
        tx,
        changed,
        skipped,
    })
}

fn decide(
    door: &mut Door<'_>,
    user: Uuid,
    actor: Option<&Actor>,
    card: &Card<'_>,
    yours: bool,
) -> Result<()> {
    let may = |door: &Door<'_>, act: Act| -> Result<()> {
        let reader = door.reader();
        match card.customer {
            Some(id) => require(&reader, actor, act, &rights::customer(&reader, id)?),
            None => Ok(()),
        }
    };
    may(door, Act::Update)?;
    match card.kind {
        // Yours is the edit of whoever the card names first: who removed it, or who brought it back.
        "deleted" | "revived" => {
            let removes = (card.kind == "deleted") == yours;
            if removes && card.customer == Some(card.about) {
                may(door, Act::Delete)?;
            }
            set_removed(door, card, removes)
        }
        "duplicate" if yours => {
            let other = card.value("theirs");
            let other = ids_in(&other).first().copied();
            let other = other.ok_or_else(|| not_found(card.entity, card.about))?;
            // The one that was there first stays.
            transfer::merge_in(door, user, other, card.about)
        }
        "critical" => take_over(
            door,
            card,
            &card.value(if yours { "yours" } else { "theirs" }),
        ),
        "proposed" if yours && card.field == DELETED => {
            set_removed(door, card, !card.value("yours").is_null())
        }
        "proposed" if yours => take_over(door, card, &card.value("yours")),
        _ => Ok(()),
    }
}

fn set_removed(door: &mut Door<'_>, card: &Card<'_>, removed: bool) -> Result<()> {
    if removed {
        door.remove(card.entity, card.about)?;
    } else {
        door.restore(card.entity, card.about)?;
    }
    Ok(())
}

/// Sets the field to a value of the card.
fn take_over(door: &mut Door<'_>, card: &Card<'_>, value: &Json) -> Result<()> {
    let catalog = std::sync::Arc::clone(door.catalog());
    let values = BTreeMap::from([(card.field.to_owned(), value.clone())]);
    let patch = present::fields(present::entity(&catalog, card.entity)?, values)?;
    match board::update(door, card.entity, card.about, patch.clone()) {
        // Whoever chooses between two stages was asked for the reason of neither.
        Err(AppError::Refused {
            code: "lost_reason_required",
            ..
        }) => {
            door.update(card.entity, card.about, patch)?;
            Ok(())
        }
        done => done.map(drop),
    }
}
