//! Typed readers of what a request names in its path.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::{self, Data};
use actix_web::{FromRequest, HttpRequest};
use jangbu::{AccountNumber, BankError};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, Required};

use super::{Problem, TypedNumber};
use crate::server::service::Service;

/// The parameters of a path: one value, or a tuple in the order of the path.
///
/// A parameter that is malformed names nothing, so the answer is 404 and not 400.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathParams<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest for PathParams<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = web::Path::<T>::from_request(request, payload).into_inner();
        ready(read.map(|read| PathParams(read.into_inner())).map_err(|_| Problem::not_found()))
    }
}

/// The number of the account that a path names, as the bank writes it.
///
/// A person may have typed it without separators or in another case. Whether the account exists, and whether the caller may
/// see it, is for the route to check.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathAccount(pub(crate) AccountNumber);

impl FromRequest for PathAccount {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let typed = PathParams::<TypedNumber>::from_request(request, payload).into_inner();
        let service = request.app_data::<Data<Service>>().cloned();
        Box::pin(async move {
            let PathParams(TypedNumber(typed)) = typed?;
            let service = service.ok_or(BankError::Closed)?;
            Ok(PathAccount(service.resolve_account(typed).await?))
        })
    }
}

impl IntoParams for PathAccount {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let number = ParameterBuilder::new()
            .name("number")
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some("The account number, with or without separators."))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
        vec![number.build()]
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use jangbu::CommandId;

    use super::*;

    #[actix_web::test]
    async fn what_is_malformed_is_not_found() {
        let id = "01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c";
        for (text, is_read) in [(id, true), ("01936d0e", false), ("%00", false), ("", false)] {
            let request = TestRequest::default().param("id", text).to_http_request();
            let read = PathParams::<CommandId>::from_request(&request, &mut Payload::None).into_inner();
            match read {
                Ok(PathParams(read)) => assert!(is_read && read.to_string() == id, "{text:?}"),
                Err(problem) => assert_eq!((is_read, problem.status().as_u16()), (false, 404), "{text:?}"),
            }
        }
    }
}
