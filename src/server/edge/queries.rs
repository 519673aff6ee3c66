//! Queries that a route does not know: a parameter that it does not have, or one that comes twice.
//!
//! Which parameters an operation has is what the OpenAPI document says of it. So a route cannot forget to look, whether it
//! reads its query or not.

use std::collections::BTreeSet;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, ResponseError};

use super::Served;
use crate::server::http::Problem;

/// Lets a request through whose query the document knows.
pub(crate) async fn check_query(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !request.query_string().is_empty()
        && let Some(served) = request.app_data::<Data<Served>>()
        && let Some(known) = served.query_of(request.method().as_str(), request.path())
        && let Err(problem) = check(known, request.query_string())
    {
        return Ok(request.into_response(problem.error_response()));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// A parameter of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parameter {
    /// Its name; of one that has a name within (`metadata[key]`), what stands in front of that.
    pub(super) name: String,
    /// Whether it may come several times.
    pub(super) is_list: bool,
}

fn check(known: &[Parameter], query: &str) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    for (name, _) in url::form_urlencoded::parse(query.as_bytes()) {
        let stem = match name.split_once('[') {
            Some((stem, rest)) if rest.ends_with(']') => stem,
            _ => &name,
        };
        let Some(parameter) = known.iter().find(|parameter| parameter.name == stem || parameter.name == *name) else {
            let names: Vec<&str> = known.iter().map(|parameter| parameter.name.as_str()).collect();
            let detail = match names.is_empty() {
                true => "this path has no query parameters".to_owned(),
                false => format!("unknown parameter; the parameters are {}", names.join(", ")),
            };
            return Err(Problem::invalid_field(name, "unknown", detail));
        };
        if !seen.insert(name.clone()) && !parameter.is_list {
            return Err(Problem::invalid_field(name, "repeated", "send the parameter once"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_known_and_comes_once_unless_it_is_a_list() {
        let parameter = |name: &str, is_list| Parameter { name: name.into(), is_list };
        let known = [parameter("limit", false), parameter("kind", true), parameter("metadata", false)];
        for sound in ["", "limit=1", "kind=a&kind=b", "metadata[a]=1&metadata[b]=2", "limit=1&kind=a"] {
            assert!(check(&known, sound).is_ok(), "{sound}");
        }
        for (wrong, code) in [
            ("limits=1", "unknown"),
            ("Limit=1", "unknown"),
            ("limit=1&limit=1", "repeated"),
            ("limit=1&%6Cimit=2", "repeated"),
            ("metadata[a]=1&metadata[a]=2", "repeated"),
            ("order[a]=1", "unknown"),
        ] {
            let problem = check(&known, wrong).unwrap_err().to_value();
            assert_eq!((&problem["status"], &problem["errors"][0]["code"]), (&400.into(), &code.into()), "{wrong}");
        }
    }
}
