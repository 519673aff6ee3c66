//! Paths that no route serves, and methods that a path does not have.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{self, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{Schema, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr};

use super::queries;
use crate::server::budgets::Charge;
use crate::server::dashboard;
use crate::server::http::Problem;

/// The methods of each path and their query parameters, from the OpenAPI document.
#[derive(Debug)]
pub(crate) struct Served {
    paths: Vec<(Vec<Segment>, Vec<Method>)>,
}

/// A method of a path.
#[derive(Debug)]
struct Method {
    name: &'static str,
    /// The path's pattern in the document.
    pattern: String,
    query: Vec<queries::Parameter>,
    charge: Charge,
}

#[derive(Debug)]
enum Segment {
    /// A literal text.
    Literal(String),
    /// `{number}`: any text.
    Any,
}

impl Served {
    /// Creates the table from a document.
    pub(crate) fn by(document: &OpenApi) -> Served {
        let paths = document.paths.paths.iter().map(|(path, item)| {
            let segments = path.split('/').map(|segment| match segment.starts_with('{') {
                true => Segment::Any,
                false => Segment::Literal(segment.into()),
            });
            let methods = [
                ("GET", &item.get),
                ("POST", &item.post),
                ("PUT", &item.put),
                ("PATCH", &item.patch),
                ("DELETE", &item.delete),
            ];
            let methods = methods.into_iter().filter_map(|(name, operation)| {
                let below = path.strip_prefix("/api/v1").unwrap_or(path);
                operation.as_ref().map(|operation| Method {
                    name,
                    pattern: path.clone(),
                    query: query_of(operation),
                    charge: Charge::of(name, below),
                })
            });
            (segments.collect(), methods.collect())
        });
        Served { paths: paths.collect() }
    }

    /// Returns the methods of a path, none if no route serves it. `HEAD` goes with `GET`, and `OPTIONS` with every
    /// method.
    fn methods(&self, path: &str) -> Vec<&'static str> {
        let served = self.served(path).flat_map(|(_, methods)| methods.iter().map(|method| method.name));
        let mut methods: Vec<_> = served.collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        if !methods.is_empty() {
            methods.push("OPTIONS");
        }
        methods.sort_unstable();
        methods.dedup();
        methods
    }
}

impl Served {
    /// Returns the patterns that match a path, with their methods.
    fn served(&self, path: &str) -> impl Iterator<Item = &(Vec<Segment>, Vec<Method>)> {
        let segments: Vec<&str> = path.split('/').collect();
        self.paths.iter().filter(move |(pattern, _)| {
            pattern.len() == segments.len()
                && pattern.iter().zip(&segments).all(|(wanted, found)| match wanted {
                    Segment::Any => !found.is_empty(),
                    Segment::Literal(literal) => literal == found,
                })
        })
    }

    /// Returns the query parameters of an operation; `None` if the document does not have it.
    pub(super) fn query_of(&self, method: &str, path: &str) -> Option<&[queries::Parameter]> {
        self.operation(method, path).map(|method| &*method.query)
    }

    /// Returns the path pattern of an operation; `None` if the document does not have it.
    pub(crate) fn pattern_of(&self, method: &str, path: &str) -> Option<&str> {
        self.operation(method, path).map(|method| &*method.pattern)
    }

    /// Returns the first variable part of a path, such as an account number.
    pub(crate) fn named_in<'a>(&self, method: &str, path: &'a str) -> Option<&'a str> {
        let pattern = self.pattern_of(method, path)?;
        let mut parts = pattern.split('/').zip(path.split('/'));
        parts.find(|(wanted, _)| wanted.starts_with('{')).map(|(_, found)| found)
    }

    /// Returns the budget that an operation is charged to; `None` if the document does not have it.
    pub(crate) fn charge_of(&self, method: &str, path: &str) -> Option<Charge> {
        self.operation(method, path).map(|method| method.charge)
    }

    /// Finds an operation. If several patterns match, the one with the most literal segments wins.
    fn operation(&self, method: &str, path: &str) -> Option<&Method> {
        let literals =
            |pattern: &[Segment]| pattern.iter().filter(|segment| matches!(segment, Segment::Literal(_))).count();
        let of_method = self.served(path).filter_map(|(pattern, methods)| {
            let method = methods.iter().find(|served| served.name == method)?;
            Some((literals(pattern), method))
        });
        of_method.max_by_key(|(literals, _)| *literals).map(|(_, method)| method)
    }
}

/// Returns an operation's query parameters in the document.
fn query_of(operation: &Operation) -> Vec<queries::Parameter> {
    // The document declares every parameter in place.
    let all = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    let in_query = all.filter(|parameter| matches!(parameter.parameter_in, ParameterIn::Query));
    in_query.map(|parameter| queries::Parameter { name: stem(parameter), is_list: is_list(parameter) }).collect()
}

/// Returns a parameter's name without its variable part (`metadata[key]`).
fn stem(parameter: &Parameter) -> String {
    parameter.name.split('[').next().unwrap_or_default().to_owned()
}

fn is_list(parameter: &Parameter) -> bool {
    matches!(
        &parameter.schema,
        Some(RefOr::T(Schema::Array(array))) if is_array(&array.schema_type)
    )
}

fn is_array(kind: &SchemaType) -> bool {
    match kind {
        SchemaType::Type(kind) => *kind == Type::Array,
        SchemaType::Array(kinds) => kinds.contains(&Type::Array),
        SchemaType::AnyValue => false,
    }
}

/// Answers requests that no route serves: `OPTIONS` with the path's methods, 405 with them for other methods, 404 for
/// unknown paths, and the dashboard outside of the API.
pub(crate) async fn unknown(request: HttpRequest) -> HttpResponse {
    if !dashboard::has_no_pages(request.path()) {
        return dashboard::answer(request).await;
    }
    let methods = request.app_data::<Data<Served>>().map(|served| served.methods(request.path())).unwrap_or_default();
    if methods.is_empty() {
        return Problem::not_found().error_response();
    }
    let allow = methods.join(", ");
    let mut response = if request.method() == http::Method::OPTIONS {
        HttpResponse::NoContent().finish()
    } else {
        let detail = format!("this path supports {allow}");
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).error_response()
    };
    if let Ok(allow) = HeaderValue::from_str(&allow) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
