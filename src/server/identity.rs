//! Names the member of each answer.
//!
//! All tabs of a browser share one cookie, so a page can lose its member without noticing when somebody else signs in
//! in another tab. Every answer to an authenticated caller names the member in `Jangbu-Member`. A request with the
//! header is carried out for that member or not at all.

use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest};

use super::http::Problem;
use super::members::MemberId;

/// The header, in requests and answers.
pub(crate) const JANGBU_MEMBER: HeaderName = HeaderName::from_static("jangbu-member");

/// The member that a request was found to come from.
struct Caller(MemberId);

/// Remembers the caller for [`name_member`], and compares them with the member that the request is meant for.
///
/// # Errors
/// 412 `other_member` if the request is meant for somebody else. Nothing has changed.
pub(crate) fn confirm(request: &HttpRequest, caller: MemberId) -> Result<(), Problem> {
    request.extensions_mut().insert(Caller(caller));
    let mut meant = request.headers().get_all(JANGBU_MEMBER);
    let id = caller.to_string();
    if meant.all(|member| member.as_bytes() == id.as_bytes()) {
        return Ok(());
    }
    let detail = "another member is signed in now; nothing was done";
    Err(Problem::new(StatusCode::PRECONDITION_FAILED, "other_member", detail))
}

/// Returns the member that a request came from, if it was authenticated.
pub(crate) fn caller_of(request: &HttpRequest) -> Option<MemberId> {
    request.extensions().get::<Caller>().map(|Caller(member)| *member)
}

/// Names the member in every answer.
pub(crate) async fn name_member(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let caller = response.request().extensions().get::<Caller>().map(|Caller(member)| member.to_string());
    if let Some(member) = caller.and_then(|member| HeaderValue::try_from(member).ok()) {
        response.headers_mut().insert(JANGBU_MEMBER, member);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;
    use serde_json::json;

    use super::*;
    use crate::server::testing::{Answer, Town};

    fn named(answer: &Answer) -> Option<&str> {
        answer.headers.get(JANGBU_MEMBER).map(|member| member.to_str().unwrap())
    }

    #[actix_web::test]
    async fn every_answer_to_a_known_caller_names_the_member() {
        let town = Town::new().await;
        for who in ["mina", "joon", "theo", "auda", "ada"] {
            let id = town.member(who).id.to_string();
            // Success, not found, not allowed, malformed and streaming: all are answers to this member.
            for (path, of) in [
                ("/session", &["mina", "joon", "theo", "auda", "ada"][..]),
                ("/accounts/000000000000", &["mina", "joon"]),
                ("/admin/audit", &["mina", "theo", "ada"]),
                ("/me/events", &["mina", "auda"]),
                ("/me/events?from=x", &["mina", "auda"]),
            ] {
                if of.contains(&who) {
                    assert_eq!(named(&town.get(Some(who), path).await), Some(id.as_str()), "{who} {path}");
                }
            }
        }
        for path in ["/meta", "/session"] {
            assert_eq!(named(&town.get(None, path).await), None, "{path}");
        }
    }

    #[actix_web::test]
    async fn a_request_meant_for_another_member_changes_nothing() {
        let town = Town::new().await;
        let id = |who: &str| town.member(who).id.to_string();
        let (theo, ada) = (id("theo"), id("ada"));
        let deposit = |who: &'static str, meant: Vec<String>| {
            let town = &town;
            async move {
                let headers: Vec<_> = meant.iter().map(|member| ("jangbu-member", member.as_str())).collect();
                let order = json!({"to": town.mina, "amount": 700});
                town.send_with(who, Method::POST, "/deposits", order, &headers).await
            }
        };
        for (who, meant, status) in [
            ("theo", vec![theo.clone()], 201),
            ("theo", vec![], 201),
            ("ada", vec![theo.clone()], 412),
            ("theo", vec![ada.clone()], 412),
            ("theo", vec![theo.clone(), ada.clone()], 412),
            ("theo", vec![String::new()], 412),
            // A caller without permission learns only that somebody else is signed in.
            ("mina", vec![theo.clone()], 412),
        ] {
            let answer = deposit(who, meant.clone()).await;
            assert_eq!(answer.status, status, "{who} {meant:?}: {}", answer.text);
            assert_eq!(named(&answer), Some(id(who).as_str()), "{who}");
            if status == 412 {
                assert_eq!(answer.json["code"], "other_member");
            }
        }
        let account = town.get(Some("mina"), &format!("/accounts/{}", town.mina)).await;
        assert_eq!(account.json["posted"], 100_000 + 2 * 700);
        // The same holds for signing out a session that belongs to somebody else by now.
        let out = [("jangbu-member", theo.as_str())];
        assert_eq!(town.send_with("ada", Method::DELETE, "/session", None, &out).await.status, 412);
    }
}
