//! Logging what took place, together with what comes next.

use ketu_model::catalog::shipped::{shipped_pipeline, shipped_stage};
use ketu_model::{Fields, Value};
use ketu_store::Door;

use crate::api::records::Saved;
use crate::api::work::LogInteraction;
use crate::app::App;
use crate::error::Result;
use crate::present;
use crate::records::saved;

/// One interaction, its follow-up, and the reminder it answers: all in one transaction.
pub(crate) fn log_interaction(app: &App, request: LogInteraction) -> Result<Saved> {
    let committed = app.write("log_interaction", |door| {
        let catalog = std::sync::Arc::clone(door.catalog());
        let fields = present::fields(present::entity(&catalog, "interaction")?, request.fields)?;
        let (customer, opportunity) = (
            fields.value("customer").clone(),
            fields.value("opportunity").clone(),
        );
        let contact = match fields.value("contacts") {
            Value::Ids(ids) => ids.first().copied(),
            _ => None,
        };
        let interaction = door.create("interaction", None, fields)?;
        if let Some(follow_up) = request.follow_up {
            let reminder = Fields::new()
                .with("title", follow_up.title)
                .with("due_at", Value::Instant(follow_up.due_at))
                .with("customer", customer)
                .with("contact", contact)
                .with("opportunity", opportunity)
                .with("interaction", interaction);
            door.create("reminder", None, reminder)?;
        }
        if let Some(answered) = request.answers {
            let done = Fields::new()
                .with("done_at", Value::Instant(door.now()))
                .with("outcome", interaction);
            door.update("reminder", answered, done)?;
        }
        Ok(interaction)
    })?;
    Ok(saved(committed.value, &committed))
}

/// What a form leaves to Ketu: the pipeline and first stage of a deal, the name stub of a part.
pub(crate) fn complete(door: &Door<'_>, entity: &str, fields: &mut Fields) -> Result<()> {
    match entity {
        "opportunity" => complete_opportunity(door, fields),
        "participation" => {
            if let Some(contact) = fields.id("contact")
                && let Some(contact) = door.get("contact", contact)?
            {
                fields.set("stub", contact.fields.value("name").clone());
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn complete_opportunity(door: &Door<'_>, fields: &mut Fields) -> Result<()> {
    if fields.value("stage").is_null() {
        let pipeline = fields.id("pipeline");
        let first = match pipeline {
            Some(pipeline) => {
                let pipelines = crate::session::pipelines(&door.reader())?;
                let pipeline = pipelines.into_iter().find(|known| known.id == pipeline);
                pipeline.and_then(|pipeline| pipeline.stages.first().map(|stage| stage.id))
            }
            None => Some(shipped_stage("project", "lead")),
        };
        fields.set("stage", first.into());
    }
    let Some(stage) = fields.id("stage") else {
        return Ok(());
    };
    if let Some(stage) = door.get("stage", stage)? {
        if fields.value("pipeline").is_null() {
            let pipeline = stage
                .fields
                .id("pipeline")
                .unwrap_or_else(|| shipped_pipeline("project"));
            fields.set("pipeline", pipeline.into());
        }
        if fields.value("probability").is_null() {
            fields.set("probability", stage.fields.value("probability").clone());
        }
    }
    Ok(())
}
