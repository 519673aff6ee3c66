//! What is begun by credentials that end meanwhile never was good: tried at each moment at which it can be overtaken.

use std::future::{Future, poll_fn};
use std::net::Ipv4Addr;
use std::task::Poll;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use futures::FutureExt;
use secrecy::{ExposeSecret, SecretString};

use super::second_factor::enabled;
use crate::server::audit::Actor;
use crate::server::members::second_factor::code_at;
use crate::server::members::{AttemptFrom, MemberChange, MemberError, Members, NewToken, PasswordChange, SignIn};
use crate::server::principal::Role;
use crate::server::scopes::{Bounds, Scope};
use crate::server::testing::{PASSWORD, Town};

/// More polls than any of what is overtaken takes.
const MOST_POLLS: usize = 9;

/// Polls a future so many times; `None` when it was not done by then.
pub(super) async fn polled<F: Future + Unpin>(future: &mut F, mut polls: usize) -> Option<F::Output> {
    let step = |context: &mut std::task::Context<'_>| {
        polls -= 1;
        match future.poll_unpin(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if polls == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    };
    poll_fn(step).await
}

/// The members as they are after a restart: read out of the journal.
pub(super) async fn restarted(town: &Town) -> Members {
    let before = &town.service.members;
    let (bank, keys, audit) = (before.bank.clone(), before.keys.clone(), before.audit.clone());
    Members::open(bank, keys, audit, before.config.clone(), before.time.clone()).await.unwrap()
}

/// Whether a cookie or token is good, now and after a restart, which must be the same.
async fn is_good(town: &Town, header: (&'static str, String)) -> bool {
    let request = TestRequest::default().insert_header(header).to_http_request();
    let now = town.service.members.authenticate(&request).await.is_ok();
    assert_eq!(restarted(town).await.authenticate(&request).await.is_ok(), now, "after a restart");
    now
}

fn cookie(town: &Town, secret: &SecretString) -> (&'static str, String) {
    ("cookie", format!("{}={}", town.service.members.cookies().name(), secret.expose_secret()))
}

fn bearer(secret: &SecretString) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", secret.expose_secret()))
}

/// What ends the sessions and tokens of mina's.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Changed,
    Reset,
    DisabledAndEnabled,
    OtherRole,
    SecondFactorReset,
    Erased,
}

const ENDINGS: [Ending; 6] = [
    Ending::Changed,
    Ending::Reset,
    Ending::DisabledAndEnabled,
    Ending::OtherRole,
    Ending::SecondFactorReset,
    Ending::Erased,
];

/// Ends them, also when what is overtaken has just written something: whoever ends them tries again then.
async fn end(town: &Town, ending: Ending) {
    for _ in 0..3 {
        match try_to_end(town, ending).await {
            Err(error) if error.is_conflict() => {}
            done => return done.unwrap(),
        }
    }
    panic!("{ending:?} is refused again and again");
}

async fn try_to_end(town: &Town, ending: Ending) -> Result<(), MemberError> {
    let (members, actor, mina) = (&town.service.members, Actor::console(), town.member("mina"));
    let change = |change| members.change(&actor, mina.id, None, change);
    match ending {
        Ending::Changed => {
            let session = members.sessions_of(mina.id).pop().unwrap().id;
            let new = PasswordChange { current: PASSWORD.into(), new: "tea in the garden".into(), keep_tokens: false };
            members.change_password(&actor, &mina, session, new).await?;
        }
        Ending::Reset => drop(members.reset_password(&actor, mina.id).await?),
        Ending::DisabledAndEnabled => {
            for disabled in [true, false] {
                change(MemberChange { disabled: Some(disabled), ..MemberChange::default() }).await?;
            }
        }
        Ending::OtherRole => {
            for role in [Role::Teller, Role::Member] {
                change(MemberChange { role: Some(role), ..MemberChange::default() }).await?;
            }
        }
        Ending::SecondFactorReset => members.reset_totp(&actor, mina.id).await?,
        Ending::Erased => drop(members.erase(&actor, mina.id).await?),
    }
    Ok(())
}

#[actix_web::test]
async fn a_sign_in_that_is_overtaken_by_an_ending_leads_to_no_session() {
    for ending in ENDINGS {
        for polls in 1..=MOST_POLLS {
            let town = Town::new().await;
            let (totp, _) = enabled(&town).await;
            town.clock.advance(Duration::from_secs(60));
            town.cookie("mina").await;
            let members = &town.service.members;
            let asked = SignIn {
                tries: AttemptFrom::Network(ipnet::IpNet::default()),
                username: "mina".into(),
                password: PASSWORD.into(),
                totp: Some(code_at(&totp, town.service.time.now())),
                recovery_code: None,
                address: Ipv4Addr::LOCALHOST.into(),
                user_agent: String::new(),
                before: Vec::new(),
            };
            let mut signing_in = members.sign_in(asked).boxed_local();
            let done = polled(&mut signing_in, polls).await;
            end(&town, ending).await;
            let answer = match done {
                Some(answer) => answer,
                None => signing_in.await,
            };
            if let Ok((_, session, secret)) = answer {
                assert!(!is_good(&town, cookie(&town, &secret)).await, "{ending:?} after {polls} polls");
                assert!(members.sessions_of(session.member).iter().all(|other| other.id != session.id));
            }
        }
    }
}

#[actix_web::test]
async fn a_token_that_is_made_while_its_owner_is_signed_out_is_good_for_nothing() {
    for ending in ENDINGS {
        for polls in 1..=4 {
            let town = Town::new().await;
            enabled(&town).await;
            town.cookie("mina").await;
            let (members, actor, mina) = (&town.service.members, Actor::console(), town.member("mina"));
            let expires_at = town.service.time.now().after(Duration::from_secs(86_400));
            let new = NewToken { name: "t".into(), scopes: vec![Scope::Read], bounds: Bounds::default(), expires_at };
            let mut making = members.make_token(&actor, &mina, new).boxed_local();
            let done = polled(&mut making, polls).await;
            end(&town, ending).await;
            let answer = match done {
                Some(answer) => answer,
                None => making.await,
            };
            if let Ok((_, secret)) = answer {
                assert!(!is_good(&town, bearer(&secret)).await, "{ending:?} after {polls} polls");
            }
            let left = members.tokens(Some(mina.id));
            assert!(left.iter().all(|token| !members.token_answer(token).active), "{ending:?} after {polls} polls");
        }
    }
}

#[actix_web::test]
async fn a_proof_by_a_password_that_is_changed_meanwhile_proves_nothing() {
    for polls in 1..=6 {
        let town = Town::new().await;
        let members = &town.service.members;
        let secret = members.signed_in(&town.member("mina")).await;
        town.clock.advance(Duration::from_secs(600));
        let session = members.sessions_of(town.member("mina").id).pop().unwrap();
        let shown =
            || crate::server::members::ProofAttempt { password: PASSWORD.into(), totp: None, recovery_code: None };
        let mina = town.member("mina");
        let mut proving = members.prove(&mina, session.id, shown()).boxed_local();
        let done = polled(&mut proving, polls).await;
        end(&town, Ending::Changed).await;
        let is_late = done.is_none();
        if is_late && proving.await.is_ok() {
            panic!("proven by the old password, after {polls} polls");
        }
        assert!(is_good(&town, cookie(&town, &secret)).await, "the session in which it was changed goes on");
        if is_late {
            let proven_at = members.sessions_of(mina.id).pop().unwrap().proven_at;
            assert_eq!(proven_at, session.proven_at, "after {polls} polls");
        }
    }
}

#[actix_web::test]
async fn what_cannot_be_written_as_memory_has_it_is_read_again() {
    let town = Town::new().await;
    let (members, mina) = (&town.service.members, town.member("mina"));
    // Memory is behind the journal, as after a change that was never taken in.
    let newer = restarted(&town).await;
    let change = |name: &str| MemberChange { name: Some(name.into()), ..MemberChange::default() };
    newer.change(&Actor::console(), mina.id, None, change("Newer")).await.unwrap();
    let refused = members.change(&Actor::console(), mina.id, None, change("Other")).await.unwrap_err();
    assert!(matches!(refused, MemberError::Conflict { .. }), "{refused}");
    assert_eq!(town.member("mina").name, "Newer");
    members.change(&Actor::console(), mina.id, None, change("Other")).await.unwrap();

    let new = serde_json::json!({ "name": "t", "scopes": ["read"],
        "expires_at": town.service.time.now().after(Duration::from_secs(86_400)).to_string() });
    town.send("mina", Method::POST, "/me/tokens", new).await;
    let token = members.tokens(Some(mina.id)).pop().unwrap();
    let newer = restarted(&town).await;
    let mut used = token.clone();
    used.open.last_used_at = Some(town.service.time.now());
    newer.put_token(used, Vec::new()).await.unwrap();
    let revoked = members.revoke_token(&Actor::console(), None, token.id).await.unwrap();
    assert!(revoked.open.revoked_at.is_some() && revoked.open.last_used_at.is_some());
}
