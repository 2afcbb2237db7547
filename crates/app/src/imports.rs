//! Import as the front doors ask for it.

use serde::Serialize;
use ts_rs::TS;

use crate::api::import::{
    FailedRowsRequest, ImportOpen, ImportOpened, ImportPlanRequest, ImportPlanned, ImportRef,
    ImportRows, ImportRowsRequest, ImportTarget, Imported,
};
use crate::api::session::{Done, Nothing, SaveText};
use crate::api::views::Exported;
use crate::app::App;
use crate::error::Result;

/// Places that a column can go to, in the order of forms.
#[derive(Debug, Serialize, TS)]
pub struct ImportTargets {
    pub targets: Vec<ImportTarget>,
}

pub(crate) fn open(app: &App, request: ImportOpen) -> Result<ImportOpened> {
    app.imports()
        .open(&app.session()?, request, &|event| app.emit(event))
}

pub(crate) fn targets(app: &App, _: Nothing) -> Result<ImportTargets> {
    Ok(ImportTargets {
        targets: app.imports().targets(&app.session()?),
    })
}

pub(crate) fn plan(app: &App, request: ImportPlanRequest) -> Result<ImportPlanned> {
    app.imports()
        .plan(&app.session()?, request, &|event| app.emit(event))
}

pub(crate) fn rows(app: &App, request: ImportRowsRequest) -> Result<ImportRows> {
    app.imports().rows(&app.session()?, request)
}

pub(crate) fn apply(app: &App, request: ImportRef) -> Result<Imported> {
    app.imports()
        .apply(&app.session()?, request, &|event| app.emit(event))
}

pub(crate) fn cancel(app: &App, request: ImportRef) -> Result<Done> {
    app.imports().cancel(request)
}

pub(crate) fn close(app: &App, request: ImportRef) -> Result<Done> {
    app.imports().close(request)
}

pub(crate) fn failed_rows(app: &App, request: FailedRowsRequest) -> Result<Exported> {
    app.imports().failed_rows(&app.session()?, request)
}

pub(crate) fn template(app: &App, request: SaveText) -> Result<Exported> {
    app.imports().template(&app.session()?, request)
}
