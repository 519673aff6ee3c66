//! Reads are dropped with their connection. Memory must match the journal, whatever they record.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;

use super::cases::{Header, in_a_month, text};
use super::{MAX_POLLS, Moment, asked, differences};
use crate::server::matrix_tests::{Things, Whose, operations};
use crate::server::testing::Town;

/// Drops every operation that reads at each of its awaits, when the last use of the session and the token is due to be
/// recorded.
#[actix_web::test]
async fn a_dropped_read_leaves_memory_as_in_the_journal() {
    let town = Town::new().await;
    let things = Things::of(&town).await;
    let mut listed = operations(&town).await;
    listed.retain(|operation| operation.method.is_safe() && operation.permission.is_some());
    assert!(listed.len() > 30, "{} operations are too few to be all", listed.len());
    for operation in listed {
        let path = things.path(&operation.path, Whose::Own);
        let request = |by: &Header| {
            let request = TestRequest::with_uri(&format!("/api/v1{path}")).method(Method::GET);
            request.insert_header(by.clone())
        };
        for polls in 0..MAX_POLLS {
            let wanted =
                json!({ "name": "t", "scopes": ["admin_read", "audit", "events"], "expires_at": in_a_month(&town) });
            let made = town.send("ada", Method::POST, "/me/tokens", wanted).await.json;
            let token: Header = ("authorization", format!("Bearer {}", text(&made["secret"])));
            let session = town.cookie("ada").await;
            town.clock.advance(std::time::Duration::from_secs(240));
            let mut is_answered = true;
            for by in [&token, &session] {
                for once_woken in [false, true] {
                    let status = asked(&town, request(by), Moment { polls, once_woken: once_woken && polls > 0 }).await;
                    is_answered &= status.is_some();
                }
            }
            let id = text(&made["token"]["id"]);
            let revoked = town.send("ada", Method::DELETE, &format!("/admin/tokens/{id}"), None).await;
            assert_eq!(revoked.status, 204, "{path} after {polls} polls: {}", revoked.text);
            let found = differences(&town).await;
            assert!(found.is_empty(), "{path} after {polls} polls: {found:?}");
            if is_answered {
                break;
            }
        }
    }
}
