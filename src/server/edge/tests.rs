//! What stands around every route, through the app.

use std::time::Duration;

use actix_web::body::{BodySize, MessageBody, to_bytes};
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, call_service, init_service, read_body, try_call_service};
use actix_web::{App, HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::surround;
use crate::server::app::app;
use crate::server::config::{Config, Sessions};
use crate::server::local::Order;
use crate::server::testing::{Answer, Town};

async fn ask(town: &Town, method: Method, path: &str) -> Answer {
    let who = town.cookie("mina").await;
    town.call(TestRequest::with_uri(path).method(method).insert_header(who)).await
}

fn allowed(answer: &Answer) -> &str {
    answer.headers.get("allow").map_or("", |allow| allow.to_str().unwrap())
}

#[actix_web::test]
async fn head_is_answered_as_get_is_without_the_body() {
    let town = Town::new().await;
    let account = format!("/api/v1/accounts/{}", town.mina);
    for (path, status) in [
        ("/api/v1/meta", 200),
        (&*account, 200),
        ("/api/v1/accounts/NONE", 404),
        ("/healthz", 200),
        ("/api/v1/none", 404),
    ] {
        let (get, head) = (ask(&town, Method::GET, path).await, ask(&town, Method::HEAD, path).await);
        assert_eq!((get.status.as_u16(), head.status.as_u16()), (status, status), "{path}");
        assert_eq!((get.text.is_empty(), &*head.text), (false, ""), "{path}");
        assert_eq!(get.headers.get("content-type"), head.headers.get("content-type"), "{path}");
        assert!(head.headers.contains_key("x-request-id"), "{path}");
    }
    let nobody = town.call(TestRequest::with_uri(&account).method(Method::HEAD)).await;
    assert_eq!((nobody.status.as_u16(), &*nobody.text), (401, ""), "a route is as closed to HEAD as to GET");
    let post = ask(&town, Method::HEAD, "/api/v1/deposits").await;
    assert_eq!((post.status.as_u16(), allowed(&post)), (405, "OPTIONS, POST"), "what is not read has no HEAD");
}

#[actix_web::test]
async fn head_tells_the_length_that_get_would_have() {
    let town = Town::new().await;
    let service = init_service(app(town.service.clone())).await;
    let get = call_service(&service, TestRequest::with_uri("/api/v1/meta").to_request()).await;
    let length = read_body(get).await.len() as u64;
    let head = TestRequest::with_uri("/api/v1/meta").method(Method::HEAD);
    let head = call_service(&service, head.to_request()).await;
    assert_eq!(head.response().body().size(), BodySize::Sized(length));
    assert!(read_body(head).await.is_empty());
}

#[actix_web::test]
async fn every_path_tells_the_methods_that_it_takes() {
    let town = Town::new().await;
    for (path, methods) in [
        ("/api/v1/meta".to_owned(), "GET, HEAD, OPTIONS"),
        ("/api/v1/transfers".to_owned(), "GET, HEAD, OPTIONS, POST"),
        (format!("/api/v1/admin/accounts/{}", town.mina), "GET, HEAD, OPTIONS, PATCH"),
        ("/api/v1/session".to_owned(), "DELETE, GET, HEAD, OPTIONS, POST"),
        ("/api/v1/deposits".to_owned(), "OPTIONS, POST"),
        ("/staff".to_owned(), "GET, HEAD, OPTIONS"),
    ] {
        let options = ask(&town, Method::OPTIONS, &path).await;
        assert_eq!((options.status.as_u16(), allowed(&options), &*options.text), (204, methods, ""), "{path}");
        let put = ask(&town, Method::PUT, &path).await;
        assert_eq!((put.status.as_u16(), allowed(&put)), (405, methods), "{path}");
        assert_eq!(put.json["code"], "method_not_allowed", "{path}");
    }
    assert_eq!(ask(&town, Method::OPTIONS, "/api/v1/none").await.status, 404);
}

#[actix_web::test]
async fn the_viewers_styles_are_let_in_by_their_hashes_and_its_page_has_no_script_within() {
    let town = Town::new().await;
    let page = ask(&town, Method::GET, "/api/docs/").await;
    let policy = page.headers.get("content-security-policy").unwrap().to_str().unwrap();
    assert!(!policy.contains("unsafe"), "{policy}");
    for script in page.text.split("<script").skip(1) {
        let (attributes, within) = script.split_once('>').unwrap();
        assert!(attributes.contains("src=") && within.trim_start().starts_with("</script>"), "{script}");
    }
    let preset = ask(&town, Method::GET, "/api/docs/swagger-ui-standalone-preset.js").await;
    let styles: Vec<&str> = preset.text.split("createElement(\"style\",null,\"").skip(1).collect();
    assert!(!styles.is_empty(), "the viewer makes its styles in another way");
    for style in styles {
        let hash = STANDARD.encode(Sha256::digest(style.split('"').next().unwrap()));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{hash} is missing: {policy}");
    }
}

#[actix_web::test]
async fn a_handler_that_panics_is_a_problem_and_the_next_request_is_served() {
    let town = Town::new().await;
    let routes = App::new()
        .app_data(town.service.clone())
        .route("/panic", web::get().to(|| async { if true { panic!("a bug, with secrets in it") } else { "never" } }))
        .route("/fine", web::get().to(|| async { HttpResponse::Ok().body("fine") }))
        .wrap(from_fn(surround));
    let service = init_service(routes).await;
    let ask = async |path: &str| -> (u16, Value) {
        let response = match try_call_service(&service, TestRequest::with_uri(path).to_request()).await {
            Ok(response) => response.into_parts().1.map_into_boxed_body(),
            Err(error) => error.error_response(),
        };
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body()).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    };
    for _ in 0..2 {
        let failed = ask("/panic").await;
        assert_eq!((failed.0, &failed.1["code"]), (500, &json!("internal")));
        assert!(!failed.1.to_string().contains("secrets"), "what failed is for the log: {}", failed.1);
        assert!(failed.1["request_id"].is_string());
        assert_eq!(ask("/fine").await.0, 200);
    }
}

#[actix_web::test]
async fn a_bank_that_is_closed_says_when_to_come_again() {
    let town = Town::new().await;
    let who = town.cookie("mina").await;
    let ask = |path: &str| TestRequest::with_uri(path).insert_header(who.clone());
    assert_eq!(town.call(ask("/readyz")).await.status, 200);
    town.service.bank.clone().close().await.unwrap();
    let pay = json!({ "from": town.mina, "to": town.joon, "amount": 1 });
    let account = format!("/api/v1/accounts/{}", town.mina);
    for request in [ask("/readyz"), ask(&account), ask("/api/v1/transfers").method(Method::POST).set_json(pay)] {
        let answer = town.call(request).await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (503, &json!("closed")), "{}", answer.text);
        let again = answer.headers.get("retry-after").and_then(|wait| wait.to_str().ok()?.parse::<u64>().ok());
        assert!(again.is_some_and(|seconds| seconds > 0), "{answer:?}");
    }
    assert_eq!(town.call(ask("/healthz")).await.status, 200, "the process answers");
}

#[actix_web::test]
async fn a_bank_that_does_not_believe_its_clock_says_so_and_is_read_all_the_same() {
    const TWO_DAYS: Duration = Duration::from_secs(2 * 24 * 60 * 60);
    let lasting = |config: &mut Config| config.sessions = Sessions { idle: TWO_DAYS * 9, absolute: TWO_DAYS * 9 };
    let town = Town::with(lasting).await;
    let who = town.cookie("mina").await;
    let ask = |path: &str| TestRequest::with_uri(path).insert_header(who.clone());
    let pay = || {
        let order = json!({ "from": town.mina, "to": town.joon, "amount": 1 });
        ask("/api/v1/transfers").method(Method::POST).set_json(order)
    };
    town.clock.mislead(TWO_DAYS);
    for request in [ask("/readyz"), pay()] {
        let answer = town.call(request).await;
        assert_eq!((answer.status.as_u16(), &answer.json["code"]), (503, &json!("clock_ahead")), "{}", answer.text);
        assert_eq!(answer.json["figures"]["lead_s"], 86_400);
        assert!(answer.text.contains("jangbu clock accept --until"), "{}", answer.text);
    }
    assert_eq!(town.call(ask(&format!("/api/v1/accounts/{}", town.mina))).await.status, 200);
    town.clock.correct();
    assert_eq!(town.call(ask("/readyz")).await.status, 200);
    assert_eq!(town.call(pay()).await.status, 201);
    town.clock.mislead(TWO_DAYS);
    let reading = town.service.bank.clock_state().await.unwrap().reading;
    let answer = Order::AcceptClock { until: reading }.carry_out(&town.service).await.unwrap();
    assert_eq!(answer["standing"], "trusted");
    assert_eq!(town.call(pay()).await.status, 201);
    // Set right after that, the clock is behind: which is told, and stops nothing.
    town.clock.correct();
    let ready = town.call(ask("/readyz")).await;
    assert!(ready.status == 200 && ready.text.contains("less than the last record's time"), "{}", ready.text);
    assert_eq!(town.call(pay()).await.status, 201);
}

#[actix_web::test]
async fn a_service_that_stops_is_not_ready() {
    let town = Town::new().await;
    town.service.stopping.begin();
    let answer = town.call(TestRequest::with_uri("/readyz")).await;
    assert_eq!((answer.status.as_u16(), answer.headers.contains_key("retry-after")), (503, true));
    assert_eq!(town.call(TestRequest::with_uri("/healthz")).await.status, 200);
}
