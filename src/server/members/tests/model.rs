//! Random sequences of what is done about credentials, some of it at the same time, against a model of who may still act.
//!
//! After each step every session, token and stream that there ever was is tried, also as it is after a restart.

use std::collections::BTreeMap;
use std::pin::Pin;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use futures::FutureExt;
use serde_json::{Value, json};

use super::raced::restarted;
use crate::server::audit::Actor;
use crate::server::members::MemberChange;
use crate::server::members::second_factor::code_at;
use crate::server::principal::Role;
use crate::server::testing::{PASSWORD, Town};

/// Each advance of the clock: three of them are longer than a proof is fresh, two are not.
const ADVANCE_S: u64 = 110;
const FRESH_S: u64 = 300;
const SEQUENCES: u64 = 14;
const STEPS: usize = 24;

/// What is done, by whom or to what. Sessions and tokens are known by the number of the step that began them.
#[derive(Clone, Debug)]
enum Step {
    SignIn { right: bool },
    SignOut(u32),
    Prove { session: u32, right: bool },
    Change { session: u32, right: bool, keep_tokens: bool },
    MakeToken(u32),
    RevokeToken(u32),
    BeginTotp(u32),
    ConfirmTotp(u32),
    DisableTotp(u32),
    ResetPassword,
    ResetTotp,
    Disable,
    Enable,
    OtherRole,
    Erase,
    Advance,
}

impl Step {
    /// Whether the world knows what holds afterwards: not when both set the password, or offer a second factor.
    fn may_be_raced_with(&self, other: &Step) -> bool {
        let sets_password = |step: &Step| matches!(step, Step::Change { .. } | Step::ResetPassword);
        let offers = |step: &Step| matches!(step, Step::BeginTotp(_));
        let is_clock = |step: &Step| matches!(step, Step::Advance);
        let is_unclear = sets_password(self) && sets_password(other) || offers(self) && offers(other);
        !(is_unclear || is_clock(self) || is_clock(other))
    }
}

/// Who may act.
#[derive(Clone, Debug, Default)]
struct Model {
    now_s: u64,
    due: bool,
    disabled: bool,
    erased: bool,
    totp: bool,
    offered: bool,
    /// The sessions that are good, and when the owner of each last proved to be there.
    sessions: BTreeMap<u32, u64>,
    tokens: Vec<u32>,
}

impl Model {
    fn is_fresh(&self, session: u32) -> bool {
        self.sessions.get(&session).is_some_and(|proven| self.now_s < proven + FRESH_S)
    }

    /// Whether the step can be carried out.
    fn allows(&self, step: &Step) -> bool {
        let manages = |session: &u32| self.is_fresh(*session) && !self.due;
        match step {
            Step::SignIn { right } => *right && !self.disabled && !self.erased,
            Step::SignOut(session) => self.sessions.contains_key(session),
            Step::Prove { session, right } => *right && self.sessions.contains_key(session),
            Step::Change { session, right, .. } => *right && self.is_fresh(*session),
            Step::MakeToken(session) => manages(session),
            Step::BeginTotp(session) => manages(session) && !self.totp,
            Step::ConfirmTotp(session) => manages(session) && self.offered,
            Step::DisableTotp(session) => manages(session) && self.totp,
            Step::ResetTotp => self.totp && !self.erased,
            Step::RevokeToken(_)
            | Step::ResetPassword
            | Step::Disable
            | Step::Enable
            | Step::OtherRole
            | Step::Erase => !self.erased,
            Step::Advance => true,
        }
    }

    fn end_all(&mut self) {
        self.sessions.clear();
        self.tokens.clear();
    }

    /// Who may act after the step of that number was carried out.
    fn after(&self, number: u32, step: &Step) -> Model {
        let mut next = self.clone();
        match step {
            Step::SignIn { .. } => drop(next.sessions.insert(number, self.now_s)),
            Step::SignOut(session) => drop(next.sessions.remove(session)),
            Step::Prove { session, .. } => drop(next.sessions.insert(*session, self.now_s)),
            Step::Change { session, keep_tokens, .. } => {
                next.due = false;
                next.sessions.retain(|other, _| other == session);
                if !keep_tokens {
                    next.tokens.clear();
                }
            }
            Step::MakeToken(_) => next.tokens.push(number),
            Step::RevokeToken(token) => next.tokens.retain(|other| other != token),
            Step::BeginTotp(_) => next.offered = true,
            Step::ConfirmTotp(session) => {
                (next.totp, next.offered) = (true, false);
                next.sessions.retain(|other, _| other == session);
            }
            Step::DisableTotp(_) => (next.totp, next.offered) = (false, false),
            Step::ResetTotp => {
                (next.totp, next.offered) = (false, false);
                next.end_all();
            }
            Step::ResetPassword => {
                (next.due, next.offered) = (true, false);
                next.end_all();
            }
            Step::Disable => {
                next.disabled = true;
                next.end_all();
            }
            Step::Enable => next.disabled = false,
            Step::OtherRole => next.end_all(),
            Step::Erase => {
                next.erased = true;
                next.end_all();
            }
            Step::Advance => next.now_s += ADVANCE_S,
        }
        next
    }

    /// Who may act after two steps in this order, if each was carried out or not as is said; what happens at the same time
    /// may always be refused.
    fn after_both(&self, steps: [(u32, &Step, bool); 2]) -> Option<Model> {
        steps.into_iter().try_fold(self.clone(), |model, (number, step, was_done)| match was_done {
            true => model.allows(step).then(|| model.after(number, step)),
            false => Some(model),
        })
    }
}

/// What is answered: whether it was done, and what came of it.
struct Done {
    is_done: bool,
    status: u16,
    json: Value,
    cookie: Option<String>,
}

impl Done {
    fn quiet(is_done: bool) -> Done {
        Done { is_done, status: 0, json: Value::Null, cookie: None }
    }
}

type Header = (&'static str, String);
type Stream = Pin<Box<BoxBody>>;

/// The bank, and what a thief would have kept of all that mina ever had.
struct World {
    town: Town,
    mina: crate::server::members::MemberId,
    password: String,
    recovery: Vec<String>,
    offered: String,
    sessions: BTreeMap<u32, Header>,
    tokens: BTreeMap<u32, (String, Header)>,
    streams: Vec<(u32, Stream)>,
    /// The state of a generator of numbers (xorshift).
    random: u64,
}

impl World {
    async fn new(seed: u64) -> World {
        let town = Town::new().await;
        let mina = town.member("mina").id;
        let (sessions, tokens) = (BTreeMap::new(), BTreeMap::new());
        let random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let (password, recovery, offered, streams) = (PASSWORD.into(), Vec::new(), String::new(), Vec::new());
        World { town, mina, password, recovery, offered, sessions, tokens, streams, random }
    }

    fn random(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random >> 33).unwrap() % below
    }

    /// A step that makes sense more often than not.
    fn draw(&mut self) -> Step {
        let sessions: Vec<u32> = self.sessions.keys().copied().rev().take(3).collect();
        let tokens: Vec<u32> = self.tokens.keys().copied().rev().take(3).collect();
        let right = self.random(6) > 0;
        let Some(&session) = sessions.get(self.random(sessions.len().max(1))) else {
            return Step::SignIn { right: true };
        };
        match self.random(40) {
            0..=7 => Step::SignIn { right },
            8..=12 => Step::Prove { session, right },
            13..=16 => Step::MakeToken(session),
            17 => tokens.first().map_or(Step::Advance, |token| Step::RevokeToken(*token)),
            18..=20 => Step::BeginTotp(session),
            21..=24 => Step::ConfirmTotp(session),
            25 => Step::DisableTotp(session),
            26..=28 => Step::Change { session, right, keep_tokens: right },
            29 => Step::SignOut(session),
            30 => Step::ResetPassword,
            31 => Step::ResetTotp,
            32 => Step::Disable,
            33 | 34 => Step::Enable,
            35 => Step::OtherRole,
            36 if self.random(6) == 0 => Step::Erase,
            _ => Step::Advance,
        }
    }

    /// A step for which nothing is missing that the world would have to have.
    fn possible(&mut self, model: &Model) -> Step {
        match self.draw() {
            // Each may take a code, and two may be taken at once.
            Step::SignIn { .. } | Step::Prove { .. } if model.totp && self.recovery.len() < 2 => Step::ResetTotp,
            step => step,
        }
    }

    async fn send(&self, session: u32, method: Method, path: &str, body: Value) -> Done {
        let header = self.sessions.get(&session).unwrap().clone();
        let request = TestRequest::with_uri(&format!("/api/v1{path}")).method(method).insert_header(header);
        let answer = self.town.call(if body.is_null() { request } else { request.set_json(body) }).await;
        Done { is_done: answer.status.is_success(), status: answer.status.as_u16(), json: answer.json, cookie: None }
    }

    /// The second factor as it is shown, where there is one: each recovery code once.
    fn shown(&mut self, step: &Step, model: &Model) -> Value {
        let right = matches!(step, Step::SignIn { right: true } | Step::Prove { right: true, .. });
        let mut shown = json!({ "password": if right { &*self.password } else { "not this one" } });
        if model.totp && right {
            shown["recovery_code"] = json!(self.recovery.pop());
        }
        shown
    }

    async fn run(&self, number: u32, step: &Step, shown: Value) -> Done {
        let (members, actor) = (&self.town.service.members, Actor::console());
        let change = async |change| Done::quiet(members.change(&actor, self.mina, None, change).await.is_ok());
        match step {
            Step::SignIn { .. } => {
                let mut body = shown;
                body["username"] = json!("mina");
                let answer = super::sign_in(&self.town, body).await;
                let cookie = answer.status.is_success().then(|| super::cookie_of(&answer));
                Done { is_done: cookie.is_some(), status: answer.status.as_u16(), json: answer.json, cookie }
            }
            Step::SignOut(session) => self.send(*session, Method::DELETE, "/session", Value::Null).await,
            Step::Prove { session, .. } => self.send(*session, Method::POST, "/session/proof", shown).await,
            Step::Change { session, right, keep_tokens } => {
                let current = if *right { &*self.password } else { "not this one" };
                let new = format!("tea in the garden {number}");
                let body = json!({ "current": current, "new": new, "keep_tokens": keep_tokens });
                self.send(*session, Method::POST, "/me/password", body).await
            }
            Step::MakeToken(session) => self.send(*session, Method::POST, "/me/tokens", self.new_token(86_400)).await,
            Step::RevokeToken(token) => {
                let id = self.tokens.get(token).unwrap().0.parse().unwrap();
                Done::quiet(members.revoke_token(&actor, None, id).await.is_ok())
            }
            Step::BeginTotp(session) => {
                self.send(*session, Method::POST, "/me/totp", json!({ "action": "begin" })).await
            }
            Step::ConfirmTotp(session) => {
                let code = match self.offered.as_str() {
                    "" => "000000".to_owned(),
                    secret => code_at(secret, self.town.service.time.now()),
                };
                self.send(*session, Method::POST, "/me/totp", json!({ "action": "confirm", "code": code })).await
            }
            Step::DisableTotp(session) => {
                self.send(*session, Method::POST, "/me/totp", json!({ "action": "disable" })).await
            }
            Step::ResetPassword => match members.reset_password(&actor, self.mina).await {
                Ok(made) => Done {
                    json: json!({ "one_time_password": secrecy::ExposeSecret::expose_secret(&made) }),
                    ..Done::quiet(true)
                },
                Err(_) => Done::quiet(false),
            },
            Step::ResetTotp => Done::quiet(members.reset_totp(&actor, self.mina).await.is_ok()),
            Step::Disable => change(MemberChange { disabled: Some(true), ..MemberChange::default() }).await,
            Step::Enable => change(MemberChange { disabled: Some(false), ..MemberChange::default() }).await,
            Step::OtherRole => {
                let is_member = members.find(self.mina).is_some_and(|mina| mina.role == Role::Member);
                let role = Some(if is_member { Role::Teller } else { Role::Member });
                change(MemberChange { role, ..MemberChange::default() }).await
            }
            Step::Erase => Done::quiet(members.erase(&actor, self.mina).await.is_ok()),
            Step::Advance => {
                self.town.clock.advance(std::time::Duration::from_secs(ADVANCE_S));
                Done::quiet(true)
            }
        }
    }

    fn new_token(&self, lasts_s: u64) -> Value {
        let expires_at = self.town.service.time.now().after(std::time::Duration::from_secs(lasts_s)).to_string();
        json!({ "name": "t", "scopes": ["read"], "expires_at": expires_at })
    }

    /// Keeps what came of a step.
    async fn keep(&mut self, number: u32, step: &Step, done: &Done) {
        if !done.is_done {
            return;
        }
        let text = |field: &str| done.json[field].as_str().unwrap_or_default().to_owned();
        match step {
            Step::SignIn { .. } => {
                let header = ("cookie", done.cookie.clone().unwrap());
                self.sessions.insert(number, header.clone());
                self.follow(number, header).await;
            }
            Step::MakeToken(_) => {
                let header = ("authorization", format!("Bearer {}", text("secret")));
                let id = done.json["token"]["id"].as_str().unwrap().to_owned();
                self.tokens.insert(number, (id, header.clone()));
                self.follow(number, header).await;
            }
            Step::Change { .. } => self.password = format!("tea in the garden {number}"),
            Step::ResetPassword => self.password = text("one_time_password"),
            Step::BeginTotp(_) => self.offered = text("secret"),
            Step::ConfirmTotp(_) => {
                self.recovery = serde_json::from_value(done.json["recovery_codes"].clone()).unwrap();
            }
            _ => {}
        }
    }

    /// Opens a stream of events, if that is allowed.
    async fn follow(&mut self, number: u32, header: Header) {
        let request = TestRequest::with_uri("/api/v1/me/events").insert_header(header);
        if let Some(mut body) = self.town.open_stream(request).await {
            let ready = std::future::poll_fn(|context| body.as_mut().poll_next(context)).await;
            if ready.is_some() {
                self.streams.push((number, body));
            }
        }
    }

    /// Whether whoever may act according to the model can, and nobody else: what differs.
    async fn differences(&mut self, model: &Model) -> Vec<String> {
        let mut found = Vec::new();
        let again = restarted(&self.town).await;
        for (number, header) in &self.sessions {
            let expected = match model.sessions.get(number) {
                None => "not_signed_in",
                Some(_) if model.due => "password_due",
                Some(_) if model.is_fresh(*number) => "invalid_request",
                Some(_) => "proof_required",
            };
            // It is refused in any case: when it would be expired already.
            let request = TestRequest::post().uri("/api/v1/me/tokens").insert_header(header.clone());
            let answer = self.town.call(request.set_json(self.new_token(0))).await;
            if answer.json["code"] != expected {
                found.push(format!("session {number} is answered {} and not {expected}", answer.json["code"]));
            }
            let request = TestRequest::default().insert_header(header.clone()).to_http_request();
            if again.authenticate(&request).await.is_ok() != model.sessions.contains_key(number) {
                found.push(format!("session {number} is another after a restart"));
            }
        }
        for (number, (_, header)) in &self.tokens {
            let is_good = model.tokens.contains(number);
            let request = TestRequest::with_uri("/api/v1/accounts").insert_header(header.clone());
            let status = self.town.call(request).await.status.as_u16();
            if status != if is_good { 200 } else { 401 } {
                found.push(format!("token {number} is answered {status}, and should be good: {is_good}"));
            }
            let request = TestRequest::default().insert_header(header.clone()).to_http_request();
            if again.authenticate(&request).await.is_ok() != is_good {
                found.push(format!("token {number} is another after a restart"));
            }
        }
        for (number, body) in &mut self.streams {
            let is_good = model.sessions.contains_key(number) || model.tokens.contains(number);
            let piece = std::future::poll_fn(|context| body.as_mut().poll_next(context)).now_or_never();
            if matches!(piece, Some(None)) == is_good {
                found.push(format!("stream {number} should go on: {is_good}"));
            }
        }
        self.streams.retain(|(number, _)| model.sessions.contains_key(number) || model.tokens.contains(number));
        found
    }
}

/// Answers that say nothing of who may act: too many tries, changed meanwhile.
fn is_for_later(status: u16) -> bool {
    matches!(status, 409 | 429)
}

#[actix_web::test]
async fn whoever_may_not_act_any_more_cannot_whatever_happened_at_once() {
    for seed in 1..=SEQUENCES {
        let (mut world, mut model, mut log) = (World::new(seed).await, Model::default(), Vec::new());
        let mut number = 0;
        for _ in 0..STEPS {
            let (first, second) = (world.possible(&model), world.possible(&model));
            let is_raced = world.random(3) == 0 && first.may_be_raced_with(&second);
            number += 2;
            let shown = world.shown(&first, &model);
            if is_raced {
                let also_shown = world.shown(&second, &model);
                let yields = world.random(12);
                let later = async {
                    for _ in 0..yields {
                        tokio::task::yield_now().await;
                    }
                    world.run(number + 1, &second, also_shown).await
                };
                let (one, other) = tokio::join!(world.run(number, &first, shown), later);
                log.push(format!("{number}: {first:?} {} and {second:?} {}", one.is_done, other.is_done));
                world.keep(number, &first, &one).await;
                world.keep(number + 1, &second, &other).await;
                let (a, b) = ((number, &first, one.is_done), (number + 1, &second, other.is_done));
                let candidates = [model.after_both([a, b]), model.after_both([b, a])];
                let mut why = Vec::new();
                let mut next = None;
                for candidate in candidates.into_iter().flatten() {
                    let found = world.differences(&candidate).await;
                    if found.is_empty() {
                        next = Some(candidate);
                        break;
                    }
                    why.push(found);
                }
                model = next.unwrap_or_else(|| panic!("sequence {seed}: {why:#?}\n{}\n{model:?}", log.join("\n")));
            } else {
                let done = world.run(number, &first, shown).await;
                log.push(format!("{number}: {first:?} {} {}", done.is_done, done.status));
                let is_right = done.is_done == model.allows(&first) || !done.is_done && is_for_later(done.status);
                assert!(is_right, "sequence {seed}: {}\n{}\n{model:?}", done.json, log.join("\n"));
                world.keep(number, &first, &done).await;
                model = if done.is_done { model.after(number, &first) } else { model };
                let found = world.differences(&model).await;
                assert!(found.is_empty(), "sequence {seed}: {found:#?}\n{}\n{model:?}", log.join("\n"));
            }
        }
    }
}
