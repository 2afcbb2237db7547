//! How this laptop comes to a server: the invitation is read, the laptop is enrolled, what both have is shown, and only then
//! records are sent. Until the last step it can be withdrawn: the server was asked about names, codes and numbers, to compare
//! them, and keeps none of them.

use std::collections::BTreeMap;

use ketu_store::{Reader, Select};
use uuid::Uuid;

use super::account::{Account, Invitation};
use super::link::{Link, LinkError};
use super::matches::Own;
use super::round::Line;
use super::runner::wait_for;
use super::{local, runner, status};
use crate::api::session::Nothing;
use crate::api::sync::{
    EnrolRequest, InvitationView, JoinMatch, JoinPreview, JoinRequest, LogInRequest,
    ReadInvitation, SyncStatus,
};
use crate::app::App;
use crate::error::{AppError, Result};

/// Characters of a password at least; the server asks for the same.
const SHORTEST: usize = 10;

pub(crate) fn read_invitation(app: &App, request: ReadInvitation) -> Result<InvitationView> {
    let invitation = Invitation::parse(&request.invitation)?;
    let records = app.read(records)?.into_values().sum();
    Ok(InvitationView {
        servers: invitation.servers,
        login: invitation.login,
        fingerprint: invitation.fingerprint,
        records,
    })
}

pub(crate) fn enrol(app: &App, request: EnrolRequest) -> Result<JoinPreview> {
    let session = app.session()?;
    let begun = Account::load(&session.store)?;
    if begun.as_ref().is_some_and(|account| account.joined) {
        return Err(AppError::refused("already_joined"));
    }
    if session.read(crate::sample::standing)?.is_some() {
        return Err(AppError::refused("sample_present"));
    }
    long_enough(&request.password)?;
    let invitation = Invitation::parse(&request.invitation)?;
    let link = Link::new(&invitation.servers, invitation.fingerprint.as_deref())?;
    let own = session.read(Own::read)?;
    let (account, matches) = wait_for(async {
        // An invitation is good once. Whoever closed Ketu before the last step comes in with the password that was chosen.
        let begun = begun.filter(|account| account.is_of(&invitation));
        let (mut account, access) = match begun {
            Some(mut account) => {
                let code = Some(invitation.code.as_str());
                let access = match account.log_in(&link, &request.password, None).await {
                    // Or the password was taken away since, and this invitation is a new one.
                    Err(LinkError::Fault { code: refusal, .. }) if refusal == "wrong_login" => {
                        account.log_in(&link, &request.password, code).await?
                    }
                    access => access?,
                };
                (account, access)
            }
            None => Account::enrol(&link, &invitation, &request.password).await?,
        };
        account.keep(&session.store)?;
        let matches = own.ask(&link, &access.token).await?;
        let mergeable = |one: &JoinMatch| {
            let theirs = one.theirs.as_ref().filter(|theirs| theirs.may_merge)?;
            Some((one.id, theirs.id))
        };
        account.merges = matches.iter().filter_map(mergeable).collect();
        account.keep(&session.store)?;
        Ok::<_, AppError>((account, matches))
    })??;
    Ok(JoinPreview {
        account: account.view(),
        records: session.read(records)?,
        matches,
    })
}

fn long_enough(password: &str) -> Result<()> {
    if password.chars().count() < SHORTEST {
        return Err(AppError::refused_field("password_short", "password").param("least", SHORTEST));
    }
    Ok(())
}

/// Records that people made here, by entity.
fn records(reader: &Reader<'_>) -> Result<BTreeMap<String, u32>> {
    let mut records = BTreeMap::new();
    for entity in [
        "customer",
        "contact",
        "opportunity",
        "interaction",
        "reminder",
    ] {
        let count = reader.count(&Select::all(entity))?;
        if count > 0 {
            records.insert(entity.to_owned(), count);
        }
    }
    Ok(records)
}

pub(crate) fn join(app: &App, request: JoinRequest) -> Result<SyncStatus> {
    let session = app.session()?;
    let account = Account::load(&session.store)?;
    let mut account = account.ok_or_else(|| AppError::refused("not_enrolled"))?;
    if account.joined {
        return Err(AppError::refused("already_joined"));
    }
    if session.user != account.user {
        session.store.become_user(session.user, account.user)?;
        app.become_user(account.user);
    }
    local::begin(&session.store, Uuid::now_v7())?;
    account.joined = true;
    account.heard_at = app.clock().now();
    account
        .merges
        .retain(|(own, _)| request.merge.contains(own));
    account.keep(&session.store)?;
    let session = app.session()?;
    status::opened(app, &session)?;
    let server = account.view().server;
    let now = app.clock().now();
    app.desk()
        .note(&session.store, now, "joined", &[("server", server)])?;
    if app.options().background {
        app.desk().want();
    } else {
        runner::hold(app)?;
    }
    status::status(app, Nothing {})
}

/// Forgets an enrolment that nothing was sent under.
pub(crate) fn withdraw(app: &App, _: Nothing) -> Result<SyncStatus> {
    let session = app.session()?;
    if Account::load(&session.store)?.is_some_and(|account| account.joined) {
        return Err(AppError::refused("already_joined"));
    }
    Account::forget(&session.store)?;
    status::status(app, Nothing {})
}

pub(crate) fn log_in(app: &App, request: LogInRequest) -> Result<SyncStatus> {
    let session = app.session()?;
    let account = Account::load(&session.store)?;
    let mut account = account.ok_or_else(|| AppError::refused("not_joined"))?;
    let user = account.user;
    let code = match &request.invitation {
        Some(text) => {
            long_enough(&request.password)?;
            let invitation = Invitation::parse(text)?;
            account.take_up(&invitation)?;
            Some(invitation.code)
        }
        None => None,
    };
    let mut line = Line::of(app, account)?;
    let come_in = line
        .account
        .log_in(&line.link, &request.password, code.as_deref());
    wait_for(come_in)??;
    // A login can have been given to somebody else, whose records are not those of this file.
    if line.account.user != user {
        return Err(AppError::refused("invitation_other_person"));
    }
    line.account.heard_at = app.clock().now();
    line.account.keep(&session.store)?;
    status::opened(app, &session)?;
    if app.options().background {
        app.desk().want();
    }
    status::status(app, Nothing {})
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
