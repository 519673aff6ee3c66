//! What goes with every answer, so that browsers keep the service's pages to themselves.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::server::config::Config;

/// What a page may load that does not say so itself: what comes from here, and nothing else.
///
/// That is the viewer of the API, which shows pictures that it brings as data, and makes style elements: one that is empty at
/// first, and one with the colours of its logo. The hashes are those of their texts.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; \
    style-src 'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' \
    'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; img-src 'self' data:; font-src 'self'; \
    connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];

/// Two years, which is what browsers' lists of such hosts ask for.
const STRICT_TRANSPORT_SECURITY: &str = "max-age=63072000; includeSubDomains";

/// Sets the headers of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecurityHeaders {
    https: bool,
}

impl SecurityHeaders {
    /// The headers for a service that is set up like that.
    pub(crate) fn new(config: &Config) -> SecurityHeaders {
        SecurityHeaders { https: config.is_https() }
    }

    /// Sets the headers; `api` is whether the answer is data, which nobody is to keep.
    pub(crate) fn set(self, headers: &mut HeaderMap, api: bool) {
        for (name, value) in ALWAYS {
            // The dashboard's pages have a policy of their own, which is stricter.
            if !headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        if self.https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT_TRANSPORT_SECURITY));
        }
        if api && !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
}
