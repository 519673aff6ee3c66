//! Paths that nobody serves, and methods that a path does not know.

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

/// Which methods each path serves, and with which query, as the OpenAPI document says.
#[derive(Debug)]
pub(crate) struct Served {
    paths: Vec<(Vec<Segment>, Vec<Method>)>,
}

/// A method of a path.
#[derive(Debug)]
struct Method {
    name: &'static str,
    /// The path as the document has it.
    pattern: String,
    query: Vec<queries::Parameter>,
    charge: Charge,
}

#[derive(Debug)]
enum Segment {
    /// As it is.
    Literal(String),
    /// `{number}`: anything.
    Any,
}

impl Served {
    /// What a document says.
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

    /// The methods of a path, none when nobody serves it. What is read can be asked about by `HEAD`, and all of them by
    /// `OPTIONS`.
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
    /// The patterns that a path fits, with their methods.
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

    /// The parameters that the query of an operation may have; `None` for what the document does not have.
    pub(super) fn query_of(&self, method: &str, path: &str) -> Option<&[queries::Parameter]> {
        self.operation(method, path).map(|method| &*method.query)
    }

    /// The path of an operation as the document has it; `None` for what the document does not have.
    pub(crate) fn pattern_of(&self, method: &str, path: &str) -> Option<&str> {
        self.operation(method, path).map(|method| &*method.pattern)
    }

    /// The first thing that a path names, such as an account: the first part of it that the document leaves open.
    pub(crate) fn named_in<'a>(&self, method: &str, path: &'a str) -> Option<&'a str> {
        let pattern = self.pattern_of(method, path)?;
        let mut parts = pattern.split('/').zip(path.split('/'));
        parts.find(|(wanted, _)| wanted.starts_with('{')).map(|(_, found)| found)
    }

    /// To which budget an operation is charged; `None` for what the document does not have.
    pub(crate) fn charge_of(&self, method: &str, path: &str) -> Option<Charge> {
        self.operation(method, path).map(|method| method.charge)
    }

    /// An operation. Of several patterns that a path fits, the one with the most literal segments is meant.
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

/// What the document says of an operation's query.
fn query_of(operation: &Operation) -> Vec<queries::Parameter> {
    // The document has every parameter in its place.
    let all = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    let in_query = all.filter(|parameter| matches!(parameter.parameter_in, ParameterIn::Query));
    in_query.map(|parameter| queries::Parameter { name: stem(parameter), is_list: is_list(parameter) }).collect()
}

/// The name of a parameter, without the name within that stands for any (`metadata[key]`).
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

/// Answers what no route does: `OPTIONS` with the methods that the path takes, 405 with them for another one, 404 where nobody
/// serves the path; outside of the API, the dashboard.
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
        let detail = format!("this path allows {allow}");
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).error_response()
    };
    if let Ok(allow) = HeaderValue::from_str(&allow) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
