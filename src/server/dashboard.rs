//! The dashboard: files that were built from `static/` and are part of the program.
//!
//! | asked for | answered |
//! | --- | --- |
//! | a file of the build | that file, by its name for ever when the name holds a hash, else compared by `ETag` |
//! | a page, as browsers ask for one | the entry that shows it: `staff/index.html` below `/staff`, else `index.html` |
//! | anything below `/api` | 404 as a problem: the dashboard never stands in for a route that does not exist |
//!
//! Built without the dashboard, every page says how to build it. What this module must never do: answer with anything
//! that depends on who asks.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError};

#[cfg(feature = "dashboard")]
use rust_embed::RustEmbed;

use super::http::Problem;

/// What pages of the dashboard may load and run: only what comes from here. Styles go through the CSS object model,
/// which needs no exception.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

const NOT_BUILT: &str = include_str!("dashboard_not_built.html");

/// What the build left. Empty when nothing was built.
#[cfg(feature = "dashboard")]
#[derive(RustEmbed)]
#[folder = "static/dist/"]
struct Files;

/// A file of the build, in one of its encodings.
struct File {
    bytes: std::borrow::Cow<'static, [u8]>,
    encoding: Option<&'static str>,
    tag: String,
}

/// What programs ask for. A page in its place, with status 200, would be taken for an answer.
const FOR_PROGRAMS: [&str; 4] = ["api", "healthz", "readyz", "metrics"];

/// Whether a path is one of those that programs ask for, or below one, however it is written: there are no pages there.
pub(crate) fn has_no_pages(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    FOR_PROGRAMS.iter().any(|name| first.eq_ignore_ascii_case(name))
}

/// Answers with a file of the build, or with the page that is meant.
pub(crate) async fn answer(request: HttpRequest) -> HttpResponse {
    let path = request.path().trim_start_matches('/');
    if has_no_pages(path) {
        return Problem::not_found().error_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = match *request.method() {
            Method::OPTIONS => HttpResponse::NoContent().finish(),
            _ => method_not_allowed().error_response(),
        };
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
        return response;
    }
    if let Some(response) = send(&request, path) {
        return response;
    }
    if !wants_page(&request) {
        return Problem::not_found().error_response();
    }
    let entry = if path == "staff" || path.starts_with("staff/") { "staff/index.html" } else { "index.html" };
    send(&request, entry).unwrap_or_else(not_built)
}

fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this resource cannot be changed")
}

/// Whether a browser goes to a page; what a page loads has an extension, or says what it wants.
fn wants_page(request: &HttpRequest) -> bool {
    let last = request.path().rsplit('/').next().unwrap_or_default();
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    !last.contains('.') && (accept.contains("text/html") || accept.contains("*/*"))
}

/// The answer for a file of the build, if there is one of that name.
fn send(request: &HttpRequest, name: &str) -> Option<HttpResponse> {
    let file = find(name, accepted(request))?;
    let mut response = HttpResponse::Ok();
    describe(&mut response, name, &file);
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == file.tag)) {
        return Some(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    Some(response.body(file.bytes.into_owned()))
}

fn describe(response: &mut HttpResponseBuilder, name: &str, file: &File) {
    response.content_type(content_type(name));
    response.insert_header((header::ETAG, file.tag.as_str()));
    response.insert_header((header::VARY, "accept-encoding"));
    response.insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY));
    let kept = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    response.insert_header((header::CACHE_CONTROL, kept));
    if let Some(encoding) = file.encoding {
        response.insert_header((header::CONTENT_ENCODING, encoding));
    }
}

/// The encodings that the client takes, best first, with the extension under which the build leaves them.
fn accepted(request: &HttpRequest) -> impl Iterator<Item = (&'static str, &'static str)> {
    let header = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let header = header.unwrap_or_default().to_ascii_lowercase();
    [("br", ".br"), ("gzip", ".gz")].into_iter().filter(move |(encoding, _)| takes(&header, encoding))
}

/// Whether an `Accept-Encoding` takes the encoding: it names it, and not with weight 0.
fn takes(header: &str, encoding: &str) -> bool {
    header.split(',').any(|part| {
        let mut parameters = part.split(';').map(str::trim);
        parameters.next() == Some(encoding)
            && !parameters.any(|p| p.starts_with("q=0") && !p.contains(['1', '2', '3', '4', '5', '6', '7', '8', '9']))
    })
}

#[cfg(feature = "dashboard")]
fn find(name: &str, accepted: impl Iterator<Item = (&'static str, &'static str)>) -> Option<File> {
    // Compressed twins are encodings, not files of their own.
    if name.is_empty() || name.ends_with(".br") || name.ends_with(".gz") || name.starts_with('.') {
        return None;
    }
    let twin = |(encoding, extension)| Files::get(&format!("{name}{extension}")).map(|file| (Some(encoding), file));
    let plain = || Files::get(name).map(|file| (None, file));
    let (encoding, file) = { accepted }.find_map(twin).or_else(plain)?;
    let hash = file.metadata.sha256_hash();
    let digits: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    Some(File { bytes: file.data, encoding, tag: format!("\"{digits}\"") })
}

#[cfg(not(feature = "dashboard"))]
fn find(_: &str, _: impl Iterator<Item = (&'static str, &'static str)>) -> Option<File> {
    None
}

fn not_built() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"))
        .body(NOT_BUILT)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use actix_web::App;
    use actix_web::test::{TestRequest, call_service, init_service, read_body};

    use super::*;

    async fn ask(request: TestRequest) -> (StatusCode, Option<String>, String) {
        let app = init_service(App::new().default_service(actix_web::web::to(answer))).await;
        let response = call_service(&app, request.to_request()).await;
        let kind = response.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        (status, kind, String::from_utf8_lossy(&read_body(response).await).into_owned())
    }

    #[actix_web::test]
    async fn a_page_is_a_page_and_an_unknown_route_is_a_problem() {
        for (path, accept, status, kind) in [
            ("/", "text/html", 200, "text/html; charset=utf-8"),
            ("/transfer", "text/html,*/*;q=0.8", 200, "text/html; charset=utf-8"),
            ("/staff/members", "text/html", 200, "text/html; charset=utf-8"),
            ("/api/v1/nothing", "text/html", 404, "application/problem+json"),
            ("/api", "text/html", 404, "application/problem+json"),
            ("/transfer", "application/json", 404, "application/problem+json"),
            ("/assets/missing-12345678.js", "*/*", 404, "application/problem+json"),
            ("/index.html.br", "*/*", 404, "application/problem+json"),
        ] {
            let request = TestRequest::get().uri(path).insert_header((header::ACCEPT, accept));
            let (got, got_kind, _) = ask(request).await;
            assert_eq!((got.as_u16(), got_kind.as_deref()), (status, Some(kind)), "{path} {accept}");
        }
    }

    #[actix_web::test]
    async fn nothing_here_changes() {
        let (status, _, body) = ask(TestRequest::post().uri("/transfer")).await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{body}");
    }

    #[cfg(feature = "dashboard")]
    #[actix_web::test]
    async fn what_was_built_is_compressed_and_compared() {
        let Some(name) = Files::iter().find(|name| name.starts_with("assets/") && name.ends_with(".js")) else {
            return; // Nothing was built.
        };
        let app = init_service(App::new().default_service(actix_web::web::to(answer))).await;
        let request = || TestRequest::get().uri(&format!("/{name}"));
        let plain = call_service(&app, request().to_request()).await;
        assert_eq!(plain.headers().get(header::CONTENT_ENCODING), None);
        assert_eq!(plain.headers().get(header::CACHE_CONTROL).unwrap(), "public, max-age=31536000, immutable");
        let small =
            call_service(&app, request().insert_header((header::ACCEPT_ENCODING, "gzip, br")).to_request()).await;
        assert_eq!(small.headers().get(header::CONTENT_ENCODING).unwrap(), "br");
        let tag = small.headers().get(header::ETAG).unwrap().clone();
        let again =
            request().insert_header((header::ACCEPT_ENCODING, "br")).insert_header((header::IF_NONE_MATCH, tag));
        assert_eq!(call_service(&app, again.to_request()).await.status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn encodings_are_taken_by_weight() {
        for (header, takes_br) in [
            ("br", true),
            ("gzip, br;q=0.5", true),
            ("br;q=0", false),
            ("br;q=0.000", false),
            ("gzip", false),
            ("", false),
        ] {
            assert_eq!(takes(header, "br"), takes_br, "{header}");
        }
    }
}
