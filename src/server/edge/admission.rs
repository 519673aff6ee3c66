//! What is turned away before a route sees it.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, ResponseError};
use url::Url;

use crate::server::http::Problem;
use crate::server::service::Service;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The most bytes of a path with its query.
const LONGEST_TARGET_BYTES: usize = 8 * 1024;
/// The most bytes of all headers.
const LARGEST_HEADERS_BYTES: usize = 16 * 1024;

/// Lets a request in, or answers why not.
pub(crate) async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let public_url = request.app_data::<Data<Service>>().and_then(|service| service.config.public_url.clone());
    let turned_away = check_size(&request)
        .and_then(|()| check_text(&request))
        .and_then(|()| check_site(request.method(), request.headers(), public_url.as_ref()))
        .and_then(|()| check_form(&request));
    match turned_away {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(problem) => Ok(request.into_response(problem.error_response())),
    }
}

fn check_size(request: &ServiceRequest) -> Result<(), Problem> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > LONGEST_TARGET_BYTES {
        let detail = format!("the path and query are longer than {LONGEST_TARGET_BYTES} bytes");
        return Err(Problem::new(StatusCode::URI_TOO_LONG, "uri_too_long", detail));
    }
    let bytes: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > LARGEST_HEADERS_BYTES {
        let detail = format!("the headers are larger than {LARGEST_HEADERS_BYTES} bytes");
        return Err(Problem::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "headers_too_large", detail));
    }
    Ok(())
}

/// Path and query are UTF-8 once their escapes are read, without a NUL.
fn check_text(request: &ServiceRequest) -> Result<(), Problem> {
    for (what, text) in [("path", request.uri().path()), ("query", request.uri().query().unwrap_or_default())] {
        if !is_text(text) {
            return Err(Problem::invalid(format!("the {what} is not UTF-8")));
        }
    }
    Ok(())
}

fn is_text(escaped: &str) -> bool {
    if !escaped.contains('%') {
        return true;
    }
    let mut bytes = Vec::with_capacity(escaped.len());
    let mut rest = escaped.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |digit: Option<u8>| digit.and_then(|digit| char::from(digit).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else { return false };
        bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
    }
    !bytes.contains(&0) && std::str::from_utf8(&bytes).is_ok()
}

/// Turns away what another site's page made a browser send.
///
/// Browsers say where a request comes from, and no page can make them lie. What bears a token is let in: no browser adds
/// one by itself.
fn check_site(method: &Method, headers: &HeaderMap, public_url: Option<&Url>) -> Result<(), Problem> {
    if method.is_safe() || headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let site = text(SEC_FETCH_SITE).map(|site| site == "same-origin");
    let origin = text(header::ORIGIN).map(|origin| is_own(origin, headers, public_url));
    let refused = match (site, origin) {
        (Some(false), _) | (_, Some(false)) => true,
        (None, None) => headers.contains_key(header::COOKIE),
        _ => false,
    };
    if refused {
        let detail = "a request that changes something must come from the service's own pages, or have a token";
        return Err(Problem::new(StatusCode::FORBIDDEN, "cross_site", detail));
    }
    Ok(())
}

/// Whether an origin is the service's: that of its public URL, else that which the request was sent to.
fn is_own(origin: &str, headers: &HeaderMap, public_url: Option<&Url>) -> bool {
    if let Some(public) = public_url {
        return public.origin().ascii_serialization() == origin;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    host.is_some() && authority == host
}

/// Whatever has a body has it as JSON: no form of a page can send that.
fn check_form(request: &ServiceRequest) -> Result<(), Problem> {
    let headers = request.headers();
    let length = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    let has_body = length || headers.contains_key(header::TRANSFER_ENCODING);
    if request.method().is_safe() || !has_body {
        return Ok(());
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let known = ["application/json", "application/x-ndjson"];
    if known.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Ok(());
    }
    let detail = "send application/json";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn other_sites_are_turned_away() {
        let public = Url::parse("https://bank.example").unwrap();
        let no = None;
        for (method, headers, public, let_in) in [
            // method        headers                                                                  public URL
            (Method::GET, &[("cookie", "s=1"), ("sec-fetch-site", "cross-site")][..], no, true),
            (Method::POST, &[("cookie", "s=1"), ("sec-fetch-site", "same-origin")], no, true),
            (Method::POST, &[("cookie", "s=1"), ("sec-fetch-site", "same-site")], no, false),
            (Method::POST, &[("cookie", "s=1"), ("sec-fetch-site", "cross-site")], no, false),
            (Method::POST, &[("cookie", "s=1")], no, false),
            (Method::DELETE, &[("cookie", "s=1")], no, false),
            (Method::POST, &[("host", "h:1"), ("origin", "http://h:1"), ("cookie", "s=1")], no, true),
            (Method::POST, &[("host", "h:1"), ("origin", "http://h:2"), ("cookie", "s=1")], no, false),
            (Method::POST, &[("host", "h:1"), ("origin", "null"), ("cookie", "s=1")], no, false),
            (Method::POST, &[("host", "h:1"), ("origin", "http://evil")], no, false),
            (Method::POST, &[("origin", "https://bank.example"), ("host", "inner")], Some(&public), true),
            (Method::POST, &[("origin", "http://bank.example"), ("host", "bank.example")], Some(&public), false),
            (Method::POST, &[("sec-fetch-site", "same-origin"), ("origin", "https://evil")], Some(&public), false),
            (Method::POST, &[("authorization", "Bearer x"), ("origin", "https://evil")], no, true),
            (Method::POST, &[], no, true),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(check_site(&method, &map, public).is_ok(), let_in, "{method} {headers:?}");
        }
    }

    #[test]
    fn escapes_must_be_utf8() {
        for (text, good) in [
            ("/a/b", true),
            ("/%ED%99%8D", true),
            ("/%FF", false),
            ("/%ED%A0%80", false),
            ("/%00", false),
            ("/%4", false),
            ("/%zz", false),
        ] {
            assert_eq!(is_text(text), good, "{text}");
        }
    }
}
