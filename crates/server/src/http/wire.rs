//! Bodies. A request says by `Content-Type` whether it is CBOR (the default) or JSON, and by `Content-Encoding` whether it
//! is packed with zstd; an answer follows `Accept` and `Accept-Encoding`, or else the request's own form.

use std::io::Read;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{AppState, Fault};
use crate::error::{Refusal, Result};

const CBOR: &str = "application/cbor";
const JSON: &str = "application/json";

/// Smaller answers are sent as they are.
const PACK_FROM: usize = 1024;

/// Packing or unpacking more than this leaves the thread that answers others.
const ASIDE_FROM: usize = 64 * 1024;

/// The largest window that a zstd body may ask for, as a power of two: 16 MiB.
const WINDOW_LOG: u32 = 24;

/// A body in whichever form it comes and is wanted. As an extractor it refuses what is too large before reading it all.
#[derive(Debug, Clone, Copy)]
pub struct Wire<T>(pub T);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Cbor,
    Json,
}

impl Form {
    fn of(media_type: &str) -> Option<Self> {
        let name = media_type.split(';').next().unwrap_or_default().trim();
        if name.eq_ignore_ascii_case(CBOR) {
            Some(Self::Cbor)
        } else if name.eq_ignore_ascii_case(JSON) {
            Some(Self::Json)
        } else {
            None
        }
    }

    fn read<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, Refusal> {
        match self {
            Self::Json => serde_json::from_slice(bytes).map_err(|_| Refusal::Malformed("json")),
            Self::Cbor => {
                let mut rest = bytes;
                let read = ciborium::from_reader(&mut rest);
                let whole = read.ok().filter(|_| rest.is_empty());
                whole.ok_or(Refusal::Malformed("cbor"))
            }
        }
    }
}

impl<T: DeserializeOwned + 'static> FromRequest<AppState> for Wire<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Fault> {
        let headers = request.headers();
        let form = match headers.get(header::CONTENT_TYPE) {
            None => Form::Cbor,
            Some(given) => given
                .to_str()
                .ok()
                .and_then(Form::of)
                .ok_or(Refusal::MediaType)?,
        };
        let packed = match headers
            .get(header::CONTENT_ENCODING)
            .map(HeaderValue::as_bytes)
        {
            None | Some(b"identity") => false,
            Some(b"zstd") => true,
            Some(_) => return Err(Refusal::Encoding.into()),
        };
        let mut bytes = read_body(request.into_body(), state.config.body_limit).await?;
        if packed {
            bytes = unpack(bytes, state.config.unpacked_limit).await?;
        }
        Ok(Self(form.read(&bytes)?))
    }
}

/// What a body holds, once all of it is there: as the extractor reads it, for those who try it with anything at all.
///
/// # Errors
/// [`Refusal::MediaType`], [`Refusal::TooLarge`] of what unpacks beyond `limit`, [`Refusal::Malformed`].
pub fn decode<T: DeserializeOwned>(
    media_type: &str,
    packed: bool,
    body: &[u8],
    limit: usize,
) -> Result<T, Refusal> {
    let form = Form::of(media_type).ok_or(Refusal::MediaType)?;
    if packed {
        form.read(&unpacked(body, limit)?)
    } else {
        form.read(body)
    }
}

/// The whole body, if it has no more than `limit` bytes.
///
/// # Errors
/// [`Refusal::TooLarge`]; [`Refusal::Malformed`] when the connection broke off.
pub async fn read_body(body: Body, limit: usize) -> Result<Bytes, Refusal> {
    use axum::body::HttpBody as _;
    let too_large = || Refusal::TooLarge {
        limit: u64::try_from(limit).unwrap_or(u64::MAX),
    };
    let least = body.size_hint().lower();
    if usize::try_from(least).is_ok_and(|least| least > limit) {
        return Err(too_large());
    }
    match axum::body::to_bytes(body, limit).await {
        Ok(bytes) => Ok(bytes),
        Err(error) => {
            let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
            while let Some(error) = cause {
                if error.to_string() == "length limit exceeded" {
                    return Err(too_large());
                }
                cause = error.source();
            }
            Err(Refusal::Malformed("body"))
        }
    }
}

async fn unpack(packed: Bytes, limit: usize) -> Result<Bytes> {
    if packed.len() < ASIDE_FROM {
        return Ok(unpacked(&packed, limit)?);
    }
    Ok(tokio::task::spawn_blocking(move || unpacked(&packed, limit)).await??)
}

fn unpacked(packed: &[u8], limit: usize) -> Result<Bytes, Refusal> {
    let bad = |_| Refusal::Malformed("zstd");
    let mut decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(bad)?;
    decoder.window_log_max(WINDOW_LOG).map_err(bad)?;
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    // One byte beyond the limit tells a bomb from a body that just fits; no more is ever unpacked.
    decoder
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(bad)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        return Err(Refusal::TooLarge { limit });
    }
    Ok(bytes.into())
}

/// An answer that waits to be written in the form the caller wants, which only the outermost layer knows.
#[derive(Clone)]
struct Pending(Arc<dyn Write + Send + Sync>);

trait Write {
    fn write(&self, form: Form) -> Option<Vec<u8>>;
}

impl<T: Serialize> Write for T {
    fn write(&self, form: Form) -> Option<Vec<u8>> {
        match form {
            Form::Json => serde_json::to_vec(self).ok(),
            Form::Cbor => {
                let mut bytes = Vec::new();
                ciborium::into_writer(self, &mut bytes).ok()?;
                Some(bytes)
            }
        }
    }
}

impl<T: Serialize + Send + Sync + 'static> IntoResponse for Wire<T> {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Pending(Arc::new(self.0)));
        response
    }
}

/// What the caller takes, read off the request before the handler has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    form: Form,
    packed: bool,
}

impl Wanted {
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        let accepted =
            text(header::ACCEPT).and_then(|accepted| accepted.split(',').find_map(Form::of));
        let own = text(header::CONTENT_TYPE).and_then(Form::of);
        let packed = text(header::ACCEPT_ENCODING).is_some_and(|encodings| {
            encodings.split(',').any(|encoding| {
                let mut parts = encoding.split(';').map(str::trim);
                parts.next() == Some("zstd") && parts.next() != Some("q=0")
            })
        });
        Self {
            form: accepted.or(own).unwrap_or(Form::Cbor),
            packed,
        }
    }

    /// Writes the answer that waits in `response`, if one does.
    pub async fn write(self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        let Some(Pending(answer)) = response.extensions_mut().remove::<Pending>() else {
            return response;
        };
        let Some(bytes) = answer.write(self.form) else {
            tracing::error!("an answer could not be written");
            *response.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
            return response;
        };
        drop(answer);
        let media_type = match self.form {
            Form::Cbor => CBOR,
            Form::Json => JSON,
        };
        let (bytes, packed) = self.pack(bytes).await;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(
            header::VARY,
            HeaderValue::from_static("accept, accept-encoding, content-type"),
        );
        if packed {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("zstd"));
        }
        *response.body_mut() = Body::from(bytes);
        response
    }

    async fn pack(self, bytes: Vec<u8>) -> (Bytes, bool) {
        const LEVEL: i32 = 3;
        if !self.packed || bytes.len() < PACK_FROM {
            return (bytes.into(), false);
        }
        let bytes = Bytes::from(bytes);
        let packed = if bytes.len() < ASIDE_FROM {
            zstd::bulk::compress(&bytes, LEVEL).ok()
        } else {
            let bytes = bytes.clone();
            tokio::task::spawn_blocking(move || zstd::bulk::compress(&bytes, LEVEL).ok())
                .await
                .ok()
                .flatten()
        };
        match packed {
            Some(packed) if packed.len() < bytes.len() => (packed.into(), true),
            _ => (bytes, false),
        }
    }
}

/// Bytes on the wire: a byte string in CBOR, base64 (with padding) in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Octets<const N: usize>(pub [u8; N]);

impl<const N: usize> Serialize for Octets<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            to.serialize_str(&STANDARD.encode(self.0))
        } else {
            to.serialize_bytes(&self.0)
        }
    }
}

impl<'de, const N: usize> Deserialize<'de> for Octets<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor<const N: usize>;

        impl<const N: usize> serde::de::Visitor<'_> for Visitor<N> {
            type Value = Octets<N>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{N} bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Octets<N>, E> {
                let bytes = bytes.try_into();
                bytes.map(Octets).map_err(|_| E::custom("another length"))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Octets<N>, E> {
                let bytes = STANDARD.decode(text).map_err(|_| E::custom("not base64"))?;
                self.visit_bytes(&bytes)
            }
        }

        if from.is_human_readable() {
            from.deserialize_str(Visitor)
        } else {
            from.deserialize_bytes(Visitor)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_unpacks_beyond_the_limit_is_refused_at_the_limit() {
        let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 19).unwrap();
        assert!(bomb.len() < 16 * 1024, "{}", bomb.len());
        let refused = unpacked(&bomb, 1 << 20).unwrap_err();
        assert_eq!(refused, Refusal::TooLarge { limit: 1 << 20 });
        let fits = zstd::bulk::compress(&vec![0; 1 << 20], 3).unwrap();
        assert_eq!(unpacked(&fits, 1 << 20).unwrap().len(), 1 << 20);
        assert_eq!(
            unpacked(b"not zstd", 9).unwrap_err(),
            Refusal::Malformed("zstd")
        );
    }

    #[test]
    fn cbor_with_something_behind_it_is_malformed() {
        let mut bytes = Vec::new();
        ciborium::into_writer(&1_u8, &mut bytes).unwrap();
        assert_eq!(Form::Cbor.read::<u8>(&bytes), Ok(1));
        bytes.push(0);
        assert_eq!(
            Form::Cbor.read::<u8>(&bytes),
            Err(Refusal::Malformed("cbor"))
        );
    }

    #[test]
    fn an_answer_follows_what_is_accepted_and_else_what_was_sent() {
        let wanted = |headers: &[(&str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                let name: axum::http::HeaderName = name.parse().unwrap();
                map.insert(name, value.parse().unwrap());
            }
            let wanted = Wanted::of(&map);
            (wanted.form, wanted.packed)
        };
        assert_eq!(wanted(&[]), (Form::Cbor, false));
        assert_eq!(
            wanted(&[("accept", "text/html, application/json")]),
            (Form::Json, false)
        );
        assert_eq!(
            wanted(&[
                ("accept", "*/*"),
                ("content-type", "application/json; charset=utf-8")
            ]),
            (Form::Json, false)
        );
        assert_eq!(
            wanted(&[("accept-encoding", "gzip, zstd;q=0.5")]),
            (Form::Cbor, true)
        );
        assert_eq!(
            wanted(&[("accept-encoding", "zstd;q=0")]),
            (Form::Cbor, false)
        );
    }

    #[test]
    fn bytes_are_base64_in_json_and_bytes_in_cbor() {
        let octets = Octets([1, 2, 3]);
        let json = serde_json::to_string(&octets).unwrap();
        assert_eq!(json, "\"AQID\"");
        assert_eq!(serde_json::from_str::<Octets<3>>(&json).unwrap(), octets);
        assert!(serde_json::from_str::<Octets<4>>(&json).is_err());
        let mut cbor = Vec::new();
        ciborium::into_writer(&octets, &mut cbor).unwrap();
        assert_eq!(cbor, [0x43, 1, 2, 3]);
        assert_eq!(Form::Cbor.read::<Octets<3>>(&cbor), Ok(octets));
    }
}
