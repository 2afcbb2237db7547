//! A customer that is shared with a colleague: the server alone writes shares, so that this needs the network.

use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::account::Account;
use super::round::Line;
use super::runner::wait_for;
use super::status::joined;
use crate::api::session::Done;
use crate::api::sync::Share;
use crate::app::App;
use crate::error::{AppError, Result};

#[derive(Serialize)]
struct ShareBody {
    root: Uuid,
    user: Uuid,
    level: Option<String>,
}

pub(crate) fn share(app: &App, request: Share) -> Result<Done> {
    let store = joined(app)?.store;
    let account = Account::load(&store)?.ok_or_else(|| AppError::refused("not_joined"))?;
    let mut line = Line::of(app, account)?;
    let body = ShareBody {
        root: request.customer,
        user: request.user,
        level: request.level,
    };
    wait_for(async {
        let token = line.token(&store).await?;
        let patience = Duration::from_secs(30);
        line.link
            .tell("/v1/shares", Some(&token), &body, patience)
            .await?;
        Ok::<_, AppError>(())
    })??;
    app.desk().want();
    Ok(Done { done: true })
}
