//! Contents of files: announced, sent in chunks, read whole or in part.

use std::path::Path;

use axum::body::{Body, Bytes};
use axum::extract::{Path as InPath, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::super::wire::{Octets, read_body};
use super::super::{AppState, Authenticated, Fault, Wire};
use crate::blobs::{CHUNK, Standing};
use crate::error::{Error, Refusal};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BlobBody {
    /// The record that is to have it, which the sender may change.
    pub record: Uuid,
    /// BLAKE3 of the whole, 32 bytes; base64 in JSON.
    #[schema(value_type = String, min_length = 44, max_length = 44, pattern = "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$")]
    pub hash: Octets<32>,
    /// Bytes, up to 100 MiB.
    #[schema(minimum = 1, maximum = 104_857_600)]
    pub size: u64,
}

/// What the server has of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BlobAnswer {
    /// The record has it; nothing is to be sent.
    ready: bool,
    /// Where chunks go; none when it is ready.
    upload: Option<Uuid>,
    /// Bytes of each chunk but the last.
    chunk: u64,
    /// The chunks that the server does not have, counted from 0.
    missing: Vec<u32>,
}

impl From<Standing> for BlobAnswer {
    fn from(standing: Standing) -> Self {
        let (upload, missing) = match standing {
            Standing::Ready => (None, Vec::new()),
            Standing::Missing { upload, chunks } => (Some(upload), chunks),
        };
        Self {
            ready: upload.is_none(),
            upload,
            chunk: CHUNK,
            missing,
        }
    }
}

/// Announce a content for a record, or ask what is still missing of it.
#[utoipa::path(
    post, path = "/v1/blobs", tag = "blobs", security(("token" = [])), request_body = BlobBody,
    responses((status = 200, body = BlobAnswer))
)]
pub(super) async fn begin(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    Wire(asked): Wire<BlobBody>,
) -> Result<Wire<BlobAnswer>, Fault> {
    let BlobBody { record, hash, size } = asked;
    let standing = state.blobs.begin(who, record, hash, size).await?;
    Ok(Wire(standing.into()))
}

/// Send a chunk, as it is. After the last one the whole is checked.
#[utoipa::path(
    put, path = "/v1/blobs/uploads/{upload}/{chunk}", tag = "blobs", security(("token" = [])),
    params(("upload" = Uuid, Path), ("chunk" = u32, Path)),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, body = BlobAnswer))
)]
pub(super) async fn put(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    path: Result<InPath<(Uuid, u32)>, axum::extract::rejection::PathRejection>,
    request: Request,
) -> Result<Wire<BlobAnswer>, Fault> {
    let InPath((upload, chunk)) = path.map_err(|_| Refusal::Malformed("path"))?;
    let limit = usize::try_from(CHUNK).unwrap_or(usize::MAX);
    let bytes: Bytes = read_body(request.into_body(), limit).await?;
    let standing = state.blobs.put(who, upload, chunk, bytes).await?;
    Ok(Wire(standing.into()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BlobQuery {
    /// A record that has it, and that the reader sees.
    record: Uuid,
    /// BLAKE3 of the whole, as 64 hexadecimal digits.
    #[param(value_type = String, pattern = "^[0-9a-f]{64}$")]
    hash: String,
}

/// A content, or the part of it that a `Range` header names.
#[utoipa::path(
    get, path = "/v1/blobs", tag = "blobs", security(("token" = [])), params(BlobQuery),
    responses(
        (status = 200, description = "The whole", content_type = "application/octet-stream", body = String),
        (status = 206, description = "A part", content_type = "application/octet-stream", body = String),
        (status = 416, description = "There is no such part"),
    )
)]
pub(super) async fn get(
    State(state): State<AppState>,
    Authenticated(who): Authenticated,
    query: Result<Query<BlobQuery>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let Query(BlobQuery { record, hash }) = query.map_err(|_| Refusal::Malformed("query"))?;
    let hash = blake3::Hash::from_hex(&hash).map_err(|_| Refusal::Malformed("query"))?;
    let path = state
        .blobs
        .open(who, record, Octets(*hash.as_bytes()))
        .await?;
    let tag = format!("\"{}\"", STANDARD.encode(hash.as_bytes()));
    send(&path, headers.get(header::RANGE), &tag).await
}

async fn send(path: &Path, range: Option<&HeaderValue>, tag: &str) -> Result<Response, Fault> {
    let failed = |source| Error::io("read", path)(source);
    let mut file = tokio::fs::File::open(path).await.map_err(failed)?;
    let size = file.metadata().await.map_err(failed)?.len();
    let asked = range
        .and_then(|range| range.to_str().ok())
        .and_then(|range| part(range, size));
    let (status, first, length) = match asked {
        None => (StatusCode::OK, 0, size),
        Some(Some((first, last))) => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Some(None) => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, range).into_response());
        }
    };
    file.seek(std::io::SeekFrom::Start(first))
        .await
        .map_err(failed)?;
    let pieces = futures_util::stream::try_unfold(file.take(length), |mut rest| async move {
        let mut piece = Vec::with_capacity(64 * 1024);
        let read = (&mut rest).take(64 * 1024).read_to_end(&mut piece).await?;
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(piece), rest)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, "attachment".to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, tag.to_owned()),
    ];
    let mut response = (status, headers, Body::from_stream(pieces)).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{size}", first + length - 1);
        if let Ok(range) = HeaderValue::from_str(&range) {
            response.headers_mut().insert(header::CONTENT_RANGE, range);
        }
    }
    Ok(response)
}

/// The first and last byte that a `Range` header asks for. `None` where it is of a kind that is not taken, which gives the
/// whole; `Some(None)` where nothing is there.
pub fn part(range: &str, size: u64) -> Option<Option<(u64, u64)>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let end = size.checked_sub(1)?;
    let number = |text: &str| text.trim().parse::<u64>();
    let (first, last) = match (first.trim(), last.trim()) {
        ("", last) => (size.saturating_sub(number(last).ok()?), end),
        (first, "") => (number(first).ok()?, end),
        (first, last) => (number(first).ok()?, number(last).ok()?.min(end)),
    };
    Some((first <= last && first < size).then_some((first, last)))
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn a_part_is_named_from_the_start_or_from_the_end() {
        assert_eq!(part("bytes=0-3", 10), Some(Some((0, 3))));
        assert_eq!(part("bytes=4-", 10), Some(Some((4, 9))));
        assert_eq!(part("bytes=-3", 10), Some(Some((7, 9))));
        assert_eq!(part("bytes=8-99", 10), Some(Some((8, 9))));
        assert_eq!(part("bytes=10-", 10), Some(None));
        assert_eq!(part("bytes=5-2", 10), Some(None));
        assert_eq!(part("bytes=0-1,4-5", 10), None);
        assert_eq!(part("lines=1-2", 10), None);
    }
}
