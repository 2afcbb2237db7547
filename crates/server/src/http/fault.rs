//! The one shape in which a request is refused: `{code, message, params}`. The code is for programs, the message for
//! whoever reads a log; nothing in it was typed by a person.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

use super::wire::Wire;
use crate::db::DbError;
use crate::error::{Error, Refusal};

/// What a handler answers when it does not answer.
#[derive(Debug)]
pub struct Fault(pub Error);

impl<E: Into<Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The body of every refusal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FaultBody {
    /// For programs; the list is in docs/server.md.
    #[schema(example = "revoked")]
    pub code: &'static str,
    /// For people who read logs.
    pub message: String,
    #[schema(value_type = Object)]
    pub params: Map<String, Json>,
}

/// Seconds until a transient failure is worth another try.
const RETRY: u64 = 2;

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let refusal = match self.0 {
            Error::Refused(refusal) => refusal,
            Error::Db(error) if error.is_transient() || matches!(error, DbError::Pool(_)) => {
                tracing::warn!(error = %error, "the database could not be reached or was too busy");
                Refusal::Busy { retry_after: RETRY }
            }
            error if error.is_full() => {
                tracing::error!(error = %error, "the disk is full");
                Refusal::NoSpace
            }
            error => {
                tracing::error!(error = %error, "a request failed");
                let body = FaultBody {
                    code: "internal",
                    message: "the server failed; its log says why".to_owned(),
                    params: Map::new(),
                };
                return (StatusCode::INTERNAL_SERVER_ERROR, Wire(body)).into_response();
            }
        };
        let body = FaultBody {
            code: refusal.code(),
            message: refusal.to_string(),
            params: params(&refusal),
        };
        let status = status(&refusal);
        let mut response = (status, Wire(body)).into_response();
        let headers = response.headers_mut();
        match refusal {
            Refusal::RateLimited { retry_after } | Refusal::Busy { retry_after } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
            }
            _ if status == StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
        Refusal::MediaType | Refusal::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::NoRoute | Refusal::NotFound(_) => StatusCode::NOT_FOUND,
        Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::Unauthenticated
        | Refusal::TokenExpired
        | Refusal::LoginRequired
        | Refusal::Revoked
        | Refusal::ShutOut(_)
        | Refusal::WrongLogin => StatusCode::UNAUTHORIZED,
        Refusal::Forbidden => StatusCode::FORBIDDEN,
        Refusal::Taken { .. } => StatusCode::CONFLICT,
        Refusal::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::NoSpace => StatusCode::INSUFFICIENT_STORAGE,
        Refusal::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Busy { .. } | Refusal::Timeout => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn params(refusal: &Refusal) -> Map<String, Json> {
    let params = match refusal {
        Refusal::Malformed(part) => json!({ "part": part }),
        Refusal::TooLarge { limit } => json!({ "limit": limit }),
        Refusal::NotFound(what) => json!({ "what": what }),
        Refusal::Taken { field } => json!({ "field": field }),
        Refusal::Invalid { field, rule } => json!({ "field": field, "rule": rule }),
        Refusal::ShutOut(wipe) => json!({
            "order": wipe.order, "signature": STANDARD.encode(wipe.signature), "kept": wipe.kept,
        }),
        Refusal::RateLimited { retry_after } | Refusal::Busy { retry_after } => {
            json!({ "retry_after": retry_after })
        }
        _ => json!({}),
    };
    match params {
        Json::Object(params) => params,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_as_such_and_other_failures_are_not_explained() {
        let answer = |kind: std::io::ErrorKind| {
            let error = Error::io("write", "/somewhere")(kind.into());
            Fault(error).into_response().status()
        };
        let full = answer(std::io::ErrorKind::StorageFull);
        assert_eq!(full, StatusCode::INSUFFICIENT_STORAGE);
        let other = answer(std::io::ErrorKind::PermissionDenied);
        assert_eq!(other, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
