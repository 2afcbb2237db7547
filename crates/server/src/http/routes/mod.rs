//! The routes, and the document that describes them. A route is registered together with its description, so that none is
//! missing there.

mod accounts;
mod admin;
mod blobs;
mod device;
mod health;
mod invitation;
mod schemas;
mod sync;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router, middleware};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::fault::FaultBody;
use super::{AppState, Fault, observe};
use crate::error::Refusal;

pub use blobs::{BlobBody, part};
pub use invitation::{InvitationBody, invitation_text};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Ketu server", description = "Bodies are CBOR or JSON; the shapes below are those of JSON."),
    components(schemas(FaultBody)),
    modifiers(&Security)
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut OpenApi) {
        if let Some(components) = document.components.as_mut() {
            let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
            components.add_security_scheme("token", bearer);
        }
    }
}

/// All routes, ready to serve.
pub fn router(state: AppState) -> Router {
    let (router, document) = described().split_for_parts();
    let document = finished(document);
    router
        .route(
            "/v1/openapi.json",
            get(move || async move { Json(document) }),
        )
        .fallback(|| async { Fault::from(Refusal::NoRoute) })
        .method_not_allowed_fallback(|| async { Fault::from(Refusal::Method) })
        .layer(middleware::from_fn_with_state(
            state.clone(),
            observe::around,
        ))
        .with_state(state)
}

fn described() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(health::health))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
        .routes(routes!(device::enrol))
        .routes(routes!(device::refresh))
        .routes(routes!(accounts::me))
        .routes(routes!(accounts::change_password))
        .routes(routes!(sync::push))
        .routes(routes!(sync::pull))
        .routes(routes!(sync::digest))
        .routes(routes!(sync::refetch))
        .routes(routes!(sync::vouch))
        .routes(routes!(sync::lease))
        .routes(routes!(sync::hint))
        .routes(routes!(sync::share))
        .routes(routes!(sync::matches))
        .routes(routes!(sync::history))
        .routes(routes!(blobs::begin, blobs::get))
        .routes(routes!(blobs::put))
        .routes(routes!(admin::list_users, admin::add_user))
        .routes(routes!(admin::update_user))
        .routes(routes!(admin::invite))
        .routes(routes!(admin::reset_password))
        .routes(routes!(admin::list_grants))
        .routes(routes!(admin::list_teams, admin::add_team))
        .routes(routes!(admin::update_team, admin::remove_team))
        .routes(routes!(admin::list_devices))
        .routes(routes!(admin::revoke_device))
}

/// What holds for every route and is therefore not said at each: CBOR beside JSON, and how requests are refused.
fn finished(mut document: OpenApi) -> OpenApi {
    const REFUSALS: &[(StatusCode, &str)] = &[
        (
            StatusCode::BAD_REQUEST,
            "Not a request that this route takes",
        ),
        (StatusCode::UNAUTHORIZED, "Not logged in, or shut out"),
        (StatusCode::FORBIDDEN, "Not allowed"),
        (StatusCode::NOT_FOUND, "Not there"),
        (StatusCode::CONFLICT, "Taken"),
        (StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
        (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Neither CBOR nor JSON, or packed otherwise than by zstd",
        ),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            "A field does not hold what it may",
        ),
        (StatusCode::TOO_MANY_REQUESTS, "Too many tries"),
        (StatusCode::SERVICE_UNAVAILABLE, "Busy, or stopping"),
    ];
    for item in document.paths.paths.values_mut() {
        let operations = [
            &mut item.get,
            &mut item.post,
            &mut item.put,
            &mut item.patch,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            if let Some(RefOr::T(body)) = &mut operation.request_body
                && let Some(json) = body.content.get("application/json").cloned()
            {
                body.content.insert("application/cbor".to_owned(), json);
            }
            for response in operation.responses.responses.values_mut() {
                if let RefOr::T(response) = response
                    && let Some(json) = response.content.get("application/json").cloned()
                {
                    response.content.insert("application/cbor".to_owned(), json);
                }
            }
            for (status, words) in REFUSALS {
                let body = || {
                    let schema = Ref::from_schema_name("FaultBody");
                    ContentBuilder::new().schema(Some(schema)).build()
                };
                let response = ResponseBuilder::new()
                    .description(*words)
                    .content("application/json", body())
                    .content("application/cbor", body())
                    .build();
                let responses = &mut operation.responses.responses;
                let status = status.as_u16().to_string();
                responses.entry(status).or_insert(RefOr::T(response));
            }
        }
    }
    document
}

/// An answer without a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done;

impl IntoResponse for Done {
    fn into_response(self) -> axum::response::Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// The OpenAPI document as JSON, for `ketu-server openapi` and for tests.
pub fn openapi() -> OpenApi {
    finished(described().split_for_parts().1)
}
