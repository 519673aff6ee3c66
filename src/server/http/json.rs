//! Strict extractors of JSON bodies and query strings, with errors that name the field.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use super::Problem;
use super::strict::{Strict, from_slice};
use crate::server::bodies::{Share, Size};
use crate::server::budgets::KnownPayer;
use crate::server::edge::ClientAddress;
use crate::server::rates::Payer;
use crate::server::service::Service;

/// The most bytes of a body, except where a route sets another limit.
const LARGEST_BODY_BYTES: usize = 64 * 1024;

/// A JSON body of at most 64 KiB. `T` denies unknown fields, as every request body does.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = request.content_type().eq_ignore_ascii_case("application/json");
        let receiving = Receiving::new(request, payload, Size::Small, LARGEST_BODY_BYTES);
        Box::pin(async move {
            if !is_json {
                return Err(unsupported("application/json"));
            }
            let (mut receiving, mut share) = receiving?;
            let mut body = BytesMut::new();
            while let Some(piece) = receiving.next().await? {
                share.take(piece.len())?;
                body.extend_from_slice(&piece);
            }
            parse(&body).map(Json)
        })
    }
}

/// Returns 415 for a body of another media type.
pub(crate) fn unsupported(wanted: &str) -> Problem {
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", format!("send {wanted}"))
}

/// A body that is being received, limited in size and time.
///
/// The caller is known before the body, which a client may send slowly. If the caller's session or token has ended when the
/// body is complete, the request is rejected.
pub(crate) struct Receiving {
    request: HttpRequest,
    service: Data<Service>,
    /// The caller when the head of the request arrived.
    payer: Option<Payer>,
    payload: Payload,
    received: usize,
    most: usize,
    lasts: Duration,
    until: Instant,
}

impl Receiving {
    /// Begins to receive a body of at most `most` bytes. The share accounts for its memory.
    ///
    /// # Errors
    /// 503 for a request outside the service.
    pub(crate) fn new(
        request: &HttpRequest,
        payload: &mut Payload,
        size: Size,
        most: usize,
    ) -> Result<(Receiving, Share), Problem> {
        let service = request.app_data::<Data<Service>>().cloned().ok_or(jangbu::BankError::Closed)?;
        let payer = request.extensions().get::<KnownPayer>().map(|KnownPayer(payer)| *payer);
        let share = service.bodies.begin(size, ClientAddress::of(request), payer.map(|payer| payer.member));
        let lasts = service.config.limits.body;
        // A deadline beyond the range of the clock has passed already.
        let until = Instant::now().checked_add(lasts).unwrap_or_else(Instant::now);
        let (request, payload) = (request.clone(), payload.take());
        Ok((Receiving { request, service, payer, payload, received: 0, most, lasts, until }, share))
    }

    /// Returns the next chunk; `None` at the end.
    ///
    /// # Errors
    /// 413 for a body that is too large, 408 for one that takes too long, 400 if the client aborts it; at the end, 401 if the
    /// caller's session or token has ended in the meantime.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let next = timeout_at(self.until, self.payload.next()).await.map_err(|_| {
            let detail = format!("the body did not arrive within {} seconds; nothing was done", self.lasts.as_secs());
            Problem::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", detail)
        })?;
        let Some(piece) =
            next.transpose().map_err(|error| Problem::invalid(format!("the body cannot be read: {error}")))?
        else {
            if let Some(Payer { member, means, .. }) = self.payer {
                self.service.members.still_known(&self.request, member, means)?;
            }
            return Ok(None);
        };
        self.received = self.received.saturating_add(piece.len());
        if self.received > self.most {
            let detail = format!("the body is larger than {} bytes", self.most);
            let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail);
            return Err(problem.with_figure("most", self.most));
        }
        Ok(Some(piece))
    }
}

/// Removes the byte order mark that some programs put in front of UTF-8.
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}

/// Reads JSON strictly. An error names the field.
///
/// # Errors
/// 400 with the path of the field.
pub(crate) fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    // Correct JSON is read once. Only an error is located by reading a second time.
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
/// 400 with the name of the parameter.
pub(crate) fn query<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let pairs = url::form_urlencoded::parse(text.as_bytes());
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)).map_err(|error| {
        let path = error.path().to_string();
        let detail = error.inner().to_string();
        if path == "." { Problem::invalid(detail) } else { Problem::invalid_field(path, "invalid", detail) }
    })
}
