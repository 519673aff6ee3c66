//! One spelling for each path.
//!
//! `/api/v1/me` can be written `/api/v1/%6De`, and the router takes both for the same. Whatever is decided by the path before
//! a route (budgets, queries, the name of the route) must do so too, so the outermost layer writes every path in one way: what
//! needs no escape has none (RFC 3986, 6.2.2.2). Routes have only such characters in their names.

use actix_web::dev::ServiceRequest;
use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;

/// Writes the path of a request without the escapes that it does not need.
pub(super) fn normalise(request: &mut ServiceRequest) {
    let Some(uri) = normal(request.uri()) else { return };
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
}

/// The same address with a path that has no needless escape; `None` where it has none already.
fn normal(uri: &Uri) -> Option<Uri> {
    let path = without_needless_escapes(uri.path())?;
    let target = uri.query().map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

fn without_needless_escapes(path: &str) -> Option<String> {
    let (mut written, mut rest) = (String::with_capacity(path.len()), path);
    while let Some((before, behind)) = rest.split_once('%') {
        written.push_str(before);
        let plain = behind.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(is_unreserved);
        match plain.zip(behind.get(2..)) {
            Some((plain, behind)) => {
                written.push(char::from(plain));
                rest = behind;
            }
            None => {
                written.push('%');
                rest = behind;
            }
        }
    }
    written.push_str(rest);
    (written.len() < path.len()).then_some(written)
}

/// Whether a character means the same with and without an escape.
fn is_unreserved(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_no_escape_has_none_and_the_rest_stays() {
        for (path, normal) in [
            ("/api/v1/me", None),
            ("/api/v1/%6De", Some("/api/v1/me")),
            ("/%61%70%69/v1/m%65", Some("/api/v1/me")),
            ("/a%2Db%5F%2e%7E", Some("/a-b_.~")),
            // Of a whole path only once: `%256D` is the text `%6D`.
            ("/%256De", None),
            ("/%25%36D", Some("/%256D")),
            ("/a%2Fb%20c%EA%B0%80", None),
            ("/%6De/%2F", Some("/me/%2F")),
            ("/%+6/%", None),
            ("/%6", None),
        ] {
            assert_eq!(without_needless_escapes(path).as_deref(), normal, "{path}");
        }
        let uri: Uri = "/%6De?a=%6D".parse().unwrap();
        assert_eq!(super::normal(&uri).unwrap(), "/me?a=%6D");
    }
}
