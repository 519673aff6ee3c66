//! Strict readers of what a request brings: JSON bodies and query strings, with the field that is at fault.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Problem;
use super::strict::{Strict, from_slice};

/// The most bytes of a body, where a route does not say otherwise.
const LARGEST_BODY_BYTES: usize = 64 * 1024;

/// A JSON body of at most 64 KiB. `T` denies unknown fields, as every request body does.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = request.content_type().eq_ignore_ascii_case("application/json");
        let payload = payload.take();
        Box::pin(async move {
            if !is_json {
                return Err(unsupported("application/json"));
            }
            let body = read(payload, LARGEST_BODY_BYTES).await?;
            parse(&body).map(Json)
        })
    }
}

/// 415: the body is not of the media type that the route takes.
pub(crate) fn unsupported(wanted: &str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", format!("send {wanted}"))
}

/// Reads a body of at most `most` bytes.
///
/// # Errors
/// 413 beyond that, 400 when the client breaks off.
pub(crate) async fn read(mut payload: Payload, most: usize) -> Result<BytesMut, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Problem::invalid(format!("the body cannot be read: {error}")))?;
        if body.len().saturating_add(chunk.len()) > most {
            let detail = format!("the body is larger than {most} bytes");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail).with_figure("most", most));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// A text without the mark that some programs put in front of UTF-8.
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}

/// Reads JSON strictly, and tells which field is at fault.
///
/// # Errors
/// 400 with the path of the field.
pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    // What is right is read at once; only what is wrong again, to tell where.
    let body = without_mark(body);
    if let Ok(value) = from_slice(body) {
        return Ok(value);
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(Strict::new(&mut reader)).map_err(|error| {
        let path = error.path().to_string();
        let detail = error.inner().to_string();
        if path == "." { Problem::invalid(detail) } else { Problem::invalid_field(path, "invalid", detail) }
    })?;
    reader.end().map_err(|error| Problem::invalid(error.to_string()))?;
    Ok(value)
}

/// A query string. `T` denies unknown fields.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(query(request.query_string()).map(Query))
    }
}

/// Reads a query string.
///
/// # Errors
/// 400 with the name of what does not fit.
pub(crate) fn query<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)).map_err(|error| {
        let path = error.path().to_string();
        let detail = error.inner().to_string();
        if path == "." { Problem::invalid(detail) } else { Problem::invalid_field(path, "invalid", detail) }
    })
}
