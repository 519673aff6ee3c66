//! Requests are counted under the pattern of their route: paths are without number.
//!
//! Each thread keeps what it found. Looking for the pattern of a path, and for the series of a name with its labels, would
//! take longer than all else that stands around a route.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use metrics::{Counter, Histogram, counter, histogram};

/// What was answered by no route.
const NONE: &str = "none";

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

#[derive(Default)]
struct Known {
    /// Paths that are the pattern of their route themselves.
    plain: HashSet<String>,
    /// The series of a route, by method and status: a handful.
    series: HashMap<String, Vec<(&'static str, StatusCode, Series)>>,
}

#[derive(Clone)]
struct Series {
    requests: Counter,
    seconds: Histogram,
}

/// Counts a request; `None` is one of which nothing is left but its method.
pub(super) fn count(request: Option<&HttpRequest>, method: &Method, status: StatusCode, took: Duration) {
    let series = KNOWN.with_borrow_mut(|known| known.series(request, method, status));
    series.requests.increment(1);
    series.seconds.record(took);
}

impl Known {
    fn series(&mut self, request: Option<&HttpRequest>, method: &Method, status: StatusCode) -> Series {
        let method = match *method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            _ => "other",
        };
        let Some(request) = request else { return self.of_route(NONE, method, status) };
        if self.plain.contains(request.path()) {
            return self.of_route(request.path(), method, status);
        }
        match request.match_pattern() {
            Some(pattern) => {
                if pattern == request.path() {
                    // A pattern of a route, of which there are so many and no more.
                    self.plain.insert(pattern.clone());
                }
                self.of_route(&pattern, method, status)
            }
            None => self.of_route(NONE, method, status),
        }
    }

    fn of_route(&mut self, route: &str, method: &'static str, status: StatusCode) -> Series {
        let of_route = match self.series.get_mut(route) {
            Some(of_route) => of_route,
            None => self.series.entry(route.to_owned()).or_default(),
        };
        let known = of_route.iter().find(|(of_method, of_status, _)| *of_method == method && *of_status == status);
        if let Some((_, _, series)) = known {
            return series.clone();
        }
        let (route, code) = (route.to_owned(), status.as_str().to_owned());
        let series = Series {
            requests: counter!(
                "jangbu_http_requests_total", "method" => method, "route" => route.clone(), "status" => code
            ),
            seconds: histogram!("jangbu_http_request_duration_seconds", "method" => method, "route" => route),
        };
        of_route.push((method, status, series.clone()));
        series
    }
}
