//! Paths that nobody serves, and methods that a path does not know.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use utoipa::openapi::OpenApi;

use crate::server::dashboard;
use crate::server::http::Problem;

/// Which methods each path serves, as the OpenAPI document says.
#[derive(Debug)]
pub(crate) struct Served {
    paths: Vec<(Vec<Segment>, Vec<&'static str>)>,
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
                ("GET", item.get.is_some()),
                ("POST", item.post.is_some()),
                ("PUT", item.put.is_some()),
                ("PATCH", item.patch.is_some()),
                ("DELETE", item.delete.is_some()),
            ];
            let methods = methods.into_iter().filter_map(|(method, served)| served.then_some(method));
            (segments.collect(), methods.collect())
        });
        Served { paths: paths.collect() }
    }

    /// The methods of a path, none when nobody serves it. What is read can be asked about by `HEAD`, and all of them by
    /// `OPTIONS`.
    fn methods(&self, path: &str) -> Vec<&'static str> {
        let segments: Vec<&str> = path.split('/').collect();
        let fits = |pattern: &[Segment]| {
            pattern.len() == segments.len()
                && pattern.iter().zip(&segments).all(|(wanted, found)| match wanted {
                    Segment::Any => !found.is_empty(),
                    Segment::Literal(literal) => literal == found,
                })
        };
        let mut methods: Vec<_> =
            self.paths.iter().filter(|(pattern, _)| fits(pattern)).flat_map(|(_, methods)| methods.clone()).collect();
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

/// Answers what no route does: `OPTIONS` with the methods that the path takes, 405 with them for another one, 404 where nobody
/// serves the path; outside of the API, the dashboard.
pub(crate) async fn unknown(request: HttpRequest) -> HttpResponse {
    if request.path() != "/api" && !request.path().starts_with("/api/") {
        return dashboard::answer(request).await;
    }
    let methods = request.app_data::<Data<Served>>().map(|served| served.methods(request.path())).unwrap_or_default();
    if methods.is_empty() {
        return Problem::not_found().error_response();
    }
    let allow = methods.join(", ");
    let mut response = if request.method() == Method::OPTIONS {
        HttpResponse::NoContent().finish()
    } else {
        let detail = format!("this path takes {allow}");
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).error_response()
    };
    if let Ok(allow) = HeaderValue::from_str(&allow) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
