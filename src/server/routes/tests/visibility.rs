//! Who sees what of a movement: every field, for every role, by every way out; and what searches may find.

use std::collections::BTreeMap;

use jangbu::{
    Amount, CashPosting, CommandId, OpenAccount,
    holds::{SettleHold, VoidHold},
};
use serde_json::{Value, json};

use super::{pay, post, typed_account};
use crate::server::audit::Actor;
use crate::server::members::{NewMember, PasswordGiven};
use crate::server::principal::Role;
use crate::server::testing::{PASSWORD, Town};

/// Who may see something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    /// Whoever sees the movement.
    All,
    /// Its sender, and staff.
    Sender,
    /// Its receiver, and staff.
    Receiver,
    /// Staff.
    Staff,
}

/// Where a field is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    /// Everywhere.
    Everywhere,
    /// Where a movement is looked at by itself.
    ById,
    /// In lists and by itself: an event cannot know what comes after it.
    NotInEvents,
}

/// Every field of a movement. One that is not here fails the test.
const FIELDS: [(&str, For, Where); 35] = [
    ("id", For::All, Where::Everywhere),
    ("kind", For::All, Where::Everywhere),
    ("status", For::All, Where::Everywhere),
    ("requires_verification", For::All, Where::Everywhere),
    ("from", For::All, Where::Everywhere),
    ("to", For::All, Where::Everywhere),
    ("amount", For::All, Where::Everywhere),
    ("fee", For::Sender, Where::Everywhere),
    ("total", For::Sender, Where::Everywhere),
    ("currency", For::All, Where::Everywhere),
    ("scale", For::All, Where::Everywhere),
    ("sender_label", For::Sender, Where::Everywhere),
    ("receiver_label", For::Receiver, Where::Everywhere),
    ("reference", For::All, Where::Everywhere),
    ("end_to_end_id", For::All, Where::Everywhere),
    ("metadata", For::Sender, Where::Everywhere),
    ("date", For::All, Where::Everywhere),
    ("created_at", For::All, Where::Everywhere),
    ("ended_at", For::All, Where::Everywhere),
    ("expires_at", For::All, Where::ById),
    ("captured", For::All, Where::Everywhere),
    ("remaining", For::All, Where::Everywhere),
    ("customer_text", For::Sender, Where::Everywhere),
    ("reason", For::Staff, Where::Everywhere),
    ("refusal", For::Sender, Where::Everywhere),
    ("hold", For::All, Where::Everywhere),
    ("settlement", For::All, Where::Everywhere),
    ("original", For::All, Where::Everywhere),
    ("original_step", For::All, Where::Everywhere),
    ("reversed", For::All, Where::NotInEvents),
    ("reversals", For::All, Where::NotInEvents),
    ("step", For::All, Where::Everywhere),
    ("reversible", For::Staff, Where::ById),
    ("placed_by", For::Staff, Where::Everywhere),
    ("position", For::All, Where::Everywhere),
];

/// What each text of the movements is, and who may read it or find something by it.
const TEXTS: [(&str, For); 7] = [
    ("sendrlabel", For::Sender),
    ("recvrlabel", For::Receiver),
    ("a reference for both", For::All),
    ("metadata of the sender", For::Sender),
    ("noted: a known mule", For::Staff),
    ("told: please call us", For::Sender),
    ("INV-4711-END-TO-END", For::All),
];
const METADATA: &str = TEXTS[3].0;

/// Who looks, and as what.
const ROLES: [(&str, Eyes); 6] = [
    ("mina", Eyes::Sender),
    ("joon", Eyes::Receiver),
    ("sora", Eyes::Third),
    ("theo", Eyes::Staff),
    ("auda", Eyes::Staff),
    ("ada", Eyes::Staff),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Eyes {
    Sender,
    Receiver,
    Third,
    Staff,
}

impl Eyes {
    const fn turned(self) -> Eyes {
        match self {
            Eyes::Sender => Eyes::Receiver,
            Eyes::Receiver => Eyes::Sender,
            other => other,
        }
    }
}

impl For {
    fn includes(self, eyes: Eyes) -> bool {
        match (self, eyes) {
            (_, Eyes::Third) => false,
            (_, Eyes::Staff) | (For::All, _) => true,
            (For::Sender, eyes) => eyes == Eyes::Sender,
            (For::Receiver, eyes) => eyes == Eyes::Receiver,
            (For::Staff, _) => false,
        }
    }
}

fn details() -> Option<Box<jangbu::Details>> {
    Some(Box::new(jangbu::Details {
        sender_label: TEXTS[0].0.into(),
        receiver_label: TEXTS[1].0.into(),
        reference: TEXTS[2].0.into(),
        metadata: vec![("order".into(), METADATA.into()), (jangbu::transfers::END_TO_END_ID.into(), TEXTS[6].0.into())],
    }))
}

/// Everything that can become of money between mina and joon, and the last event that each of the streams has.
struct Scene {
    town: Town,
    from: jangbu::AccountNumber,
    /// The ids by which movements are looked at.
    ids: Vec<CommandId>,
    begin: u64,
    last: BTreeMap<&'static str, u64>,
}

impl Scene {
    async fn new() -> Scene {
        let town = Town::new().await;
        let sora = NewMember {
            username: "sora".into(),
            name: "Sora Lee".into(),
            email: "sora@example.com".into(),
            role: Role::Member,
            free_transfers_per_day: 0,
            password: PasswordGiven::Own(PASSWORD.into()),
        };
        town.service.members.join(&Actor::console(), sora).await.unwrap();
        let owner = town.member("mina").owner();
        town.service.bank.set_owner(owner, 0).await.unwrap();
        let from = typed_account(&town, "mina", 900_000, super::defects::ordinary(&town).await).await;
        let begin = town.service.bank.stats().durable.get();
        let mut ids = Vec::new();
        let bank = &town.service.bank;
        let mut order = pay(from, town.joon, 1_000);
        order["sender_label"] = TEXTS[0].0.into();
        order["receiver_label"] = TEXTS[1].0.into();
        order["reference"] = TEXTS[2].0.into();
        order["metadata"] = json!({ "order": METADATA });
        order["end_to_end_id"] = TEXTS[6].0.into();
        let id = |json: &Value| json["id"].as_str().unwrap().parse::<CommandId>().unwrap();
        // Posted, and taken back in part.
        let posted = post(&town, "mina", "/transfers", order.clone()).await.json;
        let path = format!("/transfers/{}/reverse", posted["id"].as_str().unwrap());
        let reversal = post(&town, "theo", &path, json!({ "amount": 10 })).await.json;
        ids.extend([id(&posted), id(&reversal)]);
        // A hold that is voided, one that is settled in part and closed, and one that is open.
        for end in ["void", "settle", ""] {
            let placed = post(&town, "theo", "/holds", order.clone()).await.json;
            ids.push(id(&placed));
            let path = format!("/transfers/{}/{end}", placed["id"].as_str().unwrap());
            match end {
                "void" => {
                    let why = json!({ "reason": TEXTS[4].0, "customer_text": TEXTS[5].0 });
                    let voided = post(&town, "theo", &path, why).await;
                    assert_eq!(voided.status, 200, "{}", voided.text);
                }
                "settle" => {
                    let settled = post(&town, "theo", &path, json!({ "amount": 300 })).await.json;
                    ids.push(settled["settlement"].as_str().unwrap().parse().unwrap());
                }
                _ => {}
            }
        }
        // Verified: rejected, posted, pending.
        for verdict in [Some(false), Some(true), None] {
            let transfer =
                jangbu::Transfer { details: details(), ..jangbu::Transfer::new(from, town.joon, won(1_000)) };
            let accepted = bank.accept(transfer).await.unwrap().id;
            ids.push(accepted);
            match verdict {
                Some(true) => {
                    bank.settle_hold(SettleHold::all(accepted)).await.unwrap();
                }
                Some(false) => {
                    let void = VoidHold::new(accepted).because(TEXTS[4].0).telling(TEXTS[5].0);
                    bank.void_hold(VoidHold { rejected: true, ..void }).await.unwrap();
                }
                None => {}
            }
        }
        // Refused.
        let refused = CommandId::derived(b"refused");
        let transfer =
            jangbu::Transfer { details: details(), ..jangbu::Transfer::new(from, town.joon, won(9_000_000)) };
        assert!(bank.transfer(transfer.with_id(refused)).await.is_err());
        ids.push(refused);
        let mut last = BTreeMap::new();
        for (who, _) in ROLES {
            let number = match who {
                "mina" => from,
                "joon" => town.joon,
                _ => bank.open_account(OpenAccount::new(town.member(who).owner())).await.unwrap(),
            };
            let deposit = bank.deposit(CashPosting::new(number, won(1))).await.unwrap();
            last.insert(who, deposit.position.get());
        }
        Scene { town, from, ids, begin, last }
    }

    /// The movements by id, by every list, and by events, as somebody gets them: by the way, then each.
    async fn seen_by(&self, who: &str, eyes: Eyes) -> Vec<(String, Vec<Value>)> {
        let town = &self.town;
        let mut ways = Vec::new();
        let mut by_id = Vec::new();
        for id in &self.ids {
            let answer = town.get(Some(who), &format!("/transfers/{id}")).await;
            let is_refused = *id == CommandId::derived(b"refused");
            let is_seen = eyes != Eyes::Third && !(is_refused && eyes == Eyes::Receiver);
            assert_eq!(answer.status, if is_seen { 200 } else { 404 }, "{id} by {who}");
            by_id.extend(is_seen.then_some(answer.json));
        }
        ways.push(("by id".to_owned(), by_id));
        let mut lists = vec!["/transfers?".to_owned(), "/transfers?status=refused&".to_owned()];
        if eyes == Eyes::Staff {
            let account = format!("account={}&", self.from);
            let mina = town.member("mina").id;
            lists = ["", "status=refused&"]
                .into_iter()
                .flat_map(|status| {
                    [
                        format!("/admin/transfers?{status}"),
                        format!("/admin/transfers?{account}{status}"),
                        format!("/transfers?{account}{status}"),
                        format!("/transfers?member={mina}&{status}"),
                    ]
                })
                .collect();
        }
        for list in lists {
            for order in ["newest", "oldest", "largest"] {
                let path = format!("{list}order={order}&limit=200");
                let answer = town.get(Some(who), &path).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text);
                ways.push((path, answer.json["data"].as_array().unwrap().clone()));
            }
        }
        let mut streams = vec!["/me/events".to_owned()];
        if eyes == Eyes::Staff {
            streams = vec![format!("/accounts/{}/events", self.from)];
        }
        for stream in streams {
            let last = self.last[if eyes == Eyes::Staff { "mina" } else { who }];
            let text = town.stream_through(who, &format!("{stream}?from={}", self.begin), last).await;
            let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
            let told = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
            let movements = told.filter_map(|mut event| Some(event["transfer"].take()).filter(Value::is_object));
            ways.push((stream, movements.collect()));
        }
        ways
    }

    /// Files and statements as text.
    async fn texts_of(&self, who: &str, eyes: Eyes) -> Vec<(String, String)> {
        let town = &self.town;
        let number = if eyes == Eyes::Receiver { town.joon } else { self.from };
        let mut paths = vec![format!("/accounts/{number}/entries"), format!("/accounts/{number}/holds")];
        match eyes {
            Eyes::Staff => {
                paths.extend(["/admin/transfers".to_owned(), format!("/transfers?account={number}")]);
                paths.push(format!("/accounts/{}/entries", town.joon));
            }
            Eyes::Third => paths = vec!["/transfers".to_owned()],
            _ => paths.push("/transfers".to_owned()),
        }
        let mut texts = Vec::new();
        for path in paths {
            for media in ["application/json", "text/csv"] {
                let method = actix_web::http::Method::GET;
                let answer = town.send_with(who, method, &path, None, &[("accept", media)]).await;
                assert_eq!(answer.status, 200, "{path} by {who}: {}", answer.text);
                texts.push((format!("{path} as {media}"), answer.text));
            }
        }
        texts
    }
}

fn won(amount: u64) -> Amount {
    Amount::new(amount).unwrap()
}

fn is_told(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !value.is_null())
}

#[actix_web::test]
async fn every_field_is_told_to_whom_it_is_for_by_every_way_and_to_nobody_else() {
    let document = serde_json::to_value(crate::server::openapi::document()).unwrap();
    let shape = document["components"]["schemas"]["Transfer"]["properties"].as_object().unwrap();
    let mut described: Vec<&str> = shape.keys().map(String::as_str).collect();
    let mut known: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).collect();
    described.sort_unstable();
    known.sort_unstable();
    assert_eq!(described, known, "say in FIELDS for whom a new field is");

    let scene = Scene::new().await;
    let key = |movement: &Value| {
        format!("{} {} {} {}", movement["id"], movement["kind"], movement["status"], movement["position"])
    };
    let everything = scene.seen_by("auda", Eyes::Staff).await;
    let mut seen_as: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for movement in everything.iter().flat_map(|(_, movements)| movements) {
        seen_as.entry(key(movement)).or_default().push(movement);
    }
    for (who, eyes) in ROLES {
        for (way, movements) in scene.seen_by(who, eyes).await {
            let own_cash = |movement: &&Value| movement["kind"] != "deposit";
            let is_nobodys = eyes == Eyes::Third || (eyes == Eyes::Receiver && way.contains("status=refused"));
            assert_eq!(movements.iter().filter(own_cash).count() == 0, is_nobodys, "{way} by {who}");
            for movement in movements.iter().filter(own_cash) {
                // What is taken back goes the other way.
                let eyes = if movement["kind"] == "reversal" { eyes.turned() } else { eyes };
                assert!(eyes != Eyes::Receiver || movement["status"] != "refused", "{way} by {who}: {movement}");
                for (name, value) in movement.as_object().unwrap() {
                    let (_, whom, place) =
                        FIELDS.iter().find(|(field, ..)| field == name).unwrap_or_else(|| panic!("{name} by {way}"));
                    let context = format!("{name} by {way} for {who}: {movement}");
                    if !whom.includes(eyes) {
                        assert!(!is_told(Some(value)), "{context}");
                        continue;
                    }
                    // Who may see it sees what staff does, wherever staff sees it.
                    let of_staff = seen_as.get(&key(movement)).into_iter().flatten();
                    let mut others = of_staff.filter_map(|other| other.get(name)).filter(|value| is_told(Some(value)));
                    if *place == Where::Everywhere && is_told(Some(value)) {
                        assert!(others.all(|other| other == value), "{context}");
                    }
                    let labels = ["sender_label", "receiver_label", "metadata", "fee", "total"];
                    if labels.contains(&name.as_str()) && movement["status"] != "refused" {
                        assert!(is_told(Some(value)), "{context}");
                    }
                }
            }
        }
    }
}

#[actix_web::test]
async fn no_text_is_read_in_a_file_or_found_by_a_search_that_is_not_for_the_caller() {
    let scene = Scene::new().await;
    let town = &scene.town;
    let (mut told, mut found) = (BTreeMap::new(), BTreeMap::new());
    for (who, eyes) in ROLES {
        for (way, text) in scene.texts_of(who, eyes).await {
            for (secret, whom) in TEXTS {
                let is_there = text.contains(secret);
                assert!(whom.includes(eyes) || !is_there, "{secret:?} is told to {who} by {way}: {text}");
                *told.entry((secret, eyes as u8)).or_insert(false) |= is_there;
            }
        }
        let number = if eyes == Eyes::Receiver { town.joon } else { scene.from };
        let mut searches = vec!["/transfers?".to_owned(), "/transfers?status=refused&".to_owned()];
        match eyes {
            Eyes::Staff => searches.push("/admin/transfers?".to_owned()),
            Eyes::Third => {}
            _ => searches.push(format!("/accounts/{number}/entries?")),
        }
        for (secret, whom) in TEXTS {
            for search in &searches {
                // Whoever may not read it cannot find it out a letter at a time either.
                for part in [secret, &secret[..secret.len() / 2]] {
                    let part: String = url::form_urlencoded::byte_serialize(part.as_bytes()).collect();
                    let names: &[&str] = if search.contains("entries") { &["text"] } else { &["text", "q"] };
                    for name in names {
                        let path = format!("{search}{name}={part}");
                        let answer = town.get(Some(who), &path).await;
                        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
                        let is_found = !answer.json["data"].as_array().unwrap().is_empty();
                        assert!(whom.includes(eyes) || !is_found, "{path} by {who}: {}", answer.text);
                        *found.entry((secret, eyes as u8)).or_insert(false) |= is_found;
                    }
                }
            }
        }
        for search in ["/transfers?", "/admin/transfers?"] {
            if search.starts_with("/admin") && eyes != Eyes::Staff {
                continue;
            }
            let value: String = url::form_urlencoded::byte_serialize(METADATA.as_bytes()).collect();
            let answer = town.get(Some(who), &format!("{search}metadata[order]={value}")).await;
            let is_found = !answer.json["data"].as_array().unwrap().is_empty();
            let may_find = For::Sender.includes(eyes) && (eyes != Eyes::Staff || search.starts_with("/admin"));
            assert_eq!(is_found, may_find, "{search} by {who}: {}", answer.text);
            let own = format!("{search}metadata[jangbu.placed_by]={}", town.member("theo").id);
            assert_eq!(town.get(Some(who), &own).await.status, 400, "{own}");
        }
    }
    // Who may see something does see it, and finds it: a test that finds nothing would say nothing.
    for (secret, whom) in TEXTS {
        for (who, eyes) in ROLES {
            let key = (secret, eyes as u8);
            assert_eq!(told[&key], whom.includes(eyes), "{secret:?} told to {who}");
            let is_text = secret != METADATA;
            assert_eq!(found[&key], whom.includes(eyes) && is_text, "{secret:?} found by {who}");
        }
    }
}

#[actix_web::test]
async fn nobody_follows_reads_or_searches_the_account_of_another() {
    let scene = Scene::new().await;
    for path in ["", "/entries", "/holds", "/events"] {
        let path = format!("/accounts/{}{path}", scene.from);
        for who in ["joon", "sora"] {
            assert_eq!(scene.town.get(Some(who), &path).await.status, 404, "{path} by {who}");
        }
    }
    let account = format!("/transfers?account={}", scene.from);
    assert_eq!(scene.town.get(Some("joon"), &account).await.status, 404);
}
