//! The session cookie.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};
use secrecy::{ExposeSecret, SecretString};

use crate::server::config::Config;

/// The most cookies of the name that are checked. A browser sends one, or one for each path for which one was set.
const MOST_TRIED: usize = 8;

/// The name and attributes of the cookie: `jangbu-` and an identifier of the bank. If the public URL is https, with the
/// prefix `__Host-` and the attribute `Secure`.
///
/// Cookies ignore ports. Without the bank in the name, two banks on one machine would sign each other's members out.
#[derive(Clone, Debug)]
pub(crate) struct Cookies {
    name: Arc<str>,
    secure: bool,
}

impl Cookies {
    /// Makes the cookie for the service of a bank; `bank` distinguishes it from others.
    pub(crate) fn of(config: &Config, bank: &str) -> Cookies {
        let secure = config.is_https();
        let prefix = if secure { "__Host-" } else { "" };
        Cookies { name: format!("{prefix}jangbu-{bank}").into(), secure }
    }

    /// The name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the cookie of a session. It ends with the browser; the server ends the session on its own.
    pub(crate) fn with(&self, secret: &SecretString) -> Cookie<'static> {
        self.cookie(secret.expose_secret().to_owned())
    }

    /// Returns a cookie that deletes the session cookie.
    pub(crate) fn without(&self) -> Cookie<'static> {
        let mut cookie = self.cookie(String::new());
        cookie.set_max_age(time::Duration::ZERO);
        cookie
    }

    /// Returns the secrets in a request. There can be several: other programs on the same host can set a cookie of the
    /// same name for another path, which must not hide the session's.
    pub(crate) fn secrets(&self, request: &HttpRequest) -> Vec<SecretString> {
        let Ok(cookies) = request.cookies() else { return Vec::new() };
        let ours = cookies.iter().filter(|cookie| cookie.name() == self.name()).take(MOST_TRIED);
        ours.map(|cookie| cookie.value().to_owned().into()).collect()
    }

    fn cookie(&self, value: String) -> Cookie<'static> {
        Cookie::build(self.name.to_string(), value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.secure)
            .finish()
    }
}
