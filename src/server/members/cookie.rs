//! The cookie that a session is known by.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time};
use secrecy::{ExposeSecret, SecretString};

use crate::server::config::Config;

/// The name and look of the cookie: `__Host-jangbu` with `Secure` where the public URL is https, else `jangbu`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookies {
    secure: bool,
}

impl Cookies {
    /// The cookie of a service that is set up like that.
    pub(crate) fn of(config: &Config) -> Cookies {
        Cookies { secure: config.is_https() }
    }

    /// The name.
    pub(crate) const fn name(self) -> &'static str {
        if self.secure { "__Host-jangbu" } else { "jangbu" }
    }

    /// The cookie of a session. It ends with the browser; the server ends the session by itself.
    pub(crate) fn with(self, secret: &SecretString) -> Cookie<'static> {
        self.cookie(secret.expose_secret().to_owned())
    }

    /// A cookie that takes the one of a session away.
    pub(crate) fn without(self) -> Cookie<'static> {
        let mut cookie = self.cookie(String::new());
        cookie.set_max_age(time::Duration::ZERO);
        cookie
    }

    /// The secret that a request brings.
    pub(crate) fn secret(self, request: &HttpRequest) -> Option<SecretString> {
        request.cookie(self.name()).map(|cookie| cookie.value().to_owned().into())
    }

    fn cookie(self, value: String) -> Cookie<'static> {
        Cookie::build(self.name(), value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.secure)
            .finish()
    }
}
