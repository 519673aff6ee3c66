//! What a request names in its path.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::Problem;

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
    use jangbu::AccountNumber;

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
