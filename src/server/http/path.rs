//! What a request names in its path.

use std::fmt;
use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use jangbu::{AccountNumber, NumberError};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::Problem;

/// An account number as a person types it: with or without separators, in any case and width. Which account is meant the
/// service finds out ([`Service::meant`](crate::server::service::Service::meant)).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed(pub(crate) AccountNumber);

impl FromStr for Typed {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        AccountNumber::typed(text).map(Typed)
    }
}

impl<'de> Deserialize<'de> for Typed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Typed;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an account number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Typed, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Reads a field that a person may have typed an account number into.
pub(crate) fn typed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccountNumber, D::Error> {
    Typed::deserialize(deserializer).map(|Typed(number)| number)
}

/// The one thing that the path names. What is malformed is not found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InPath<T>(pub(crate) T);

impl<T: FromStr> FromRequest for InPath<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let named = request.match_info().iter().next();
        let named = named.and_then(|(_, text)| text.parse().ok());
        ready(named.map(InPath).ok_or_else(Problem::not_found))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[actix_web::test]
    async fn what_is_malformed_is_not_found() {
        let named = |text: &'static str| {
            let request = TestRequest::default().param("number", text).to_http_request();
            InPath::<AccountNumber>::from_request(&request, &mut Payload::None).into_inner()
        };
        assert_eq!(named("A-1").unwrap().0.as_str(), "A-1");
        assert_eq!(named("%00").unwrap_err().status(), 404);
    }
}
