//! Normalizes the spelling of paths.
//!
//! `/api/v1/me` can be written `/api/v1/%6De`, and the router treats both alike. Everything decided by path before a
//! route (budgets, queries, the route's name) must do so too, so the outermost layer removes all needless escapes (RFC
//! 3986, 6.2.2.2). The names of routes have no characters that need escapes.

use actix_web::dev::ServiceRequest;
use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;

/// Removes needless escapes from the path of a request.
pub(super) fn normalize(request: &mut ServiceRequest) {
    let Some(uri) = normal(request.uri()) else { return };
    request.match_info_mut().get_mut().update(&uri);
    request.head_mut().uri = uri;
}

/// Returns the URI without needless escapes; `None` if it has none.
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

/// Returns whether a character means the same with and without an escape.
fn is_unreserved(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_needless_escapes_are_removed() {
        for (path, normal) in [
            ("/api/v1/me", None),
            ("/api/v1/%6De", Some("/api/v1/me")),
            ("/%61%70%69/v1/m%65", Some("/api/v1/me")),
            ("/a%2Db%5F%2e%7E", Some("/a-b_.~")),
            // Decoded only once: `%256D` is the text `%6D`.
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
