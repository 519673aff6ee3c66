//! Security headers, set on every answer.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::server::config::Config;

/// The policy of pages that do not set their own: everything comes from this server.
///
/// The only such page is the API viewer. It embeds images as data, and creates two style elements: one that is empty at
/// first, and one with the colors of its logo. The hashes are those of their texts.
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

/// Two years, as browsers' preload lists require.
const STRICT_TRANSPORT_SECURITY: &str = "max-age=63072000; includeSubDomains";

/// Sets the security headers of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecurityHeaders {
    https: bool,
}

impl SecurityHeaders {
    /// Returns the headers for this configuration.
    pub(crate) fn new(config: &Config) -> SecurityHeaders {
        SecurityHeaders { https: config.is_https() }
    }

    /// Sets the headers. `api` says that the answer is data, which must not be cached.
    pub(crate) fn set(self, headers: &mut HeaderMap, api: bool) {
        for (name, value) in ALWAYS {
            // The dashboard's pages have their own, stricter policy.
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
