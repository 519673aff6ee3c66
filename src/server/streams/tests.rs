//! Streams of events: every event of one's own, once, and nobody else's, wherever a stream is cut.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use jangbu::{AccountNumber, Amount, Bank, CashPosting, Command, OpenAccount, OwnerId, Position, Transfer};
use serde_json::Value;

use super::hub::{Streams, Who};
use super::{Following, News, Resume, Viewer};
use crate::server::config;
use crate::server::members::MemberId;

const MOST: config::Streams = config::Streams { per_member: 64, per_address: 500, total: 10_000 };

fn owner(name: &str) -> OwnerId {
    OwnerId::new(name).unwrap()
}

fn won(amount: u64) -> Amount {
    Amount::new(amount).unwrap()
}

async fn account(bank: &Bank, name: &str) -> AccountNumber {
    let number = bank.open_account(OpenAccount::new(owner(name))).await.unwrap();
    bank.deposit(CashPosting::new(number, won(1_000_000))).await.unwrap();
    number
}

fn follow(streams: &Streams, viewer: Viewer, from: Option<u64>) -> Following {
    let place = streams.enter(who(1, false)).unwrap();
    Following::new(streams, place, viewer, from.map(|from| Resume::Position(Position::new(from - 1))))
}

/// The messages of a piece: event, position, data.
fn messages(news: News) -> Vec<(String, u64, Value)> {
    let News::Told(bytes) = news else { panic!("the stream is over") };
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let message = |text: &str| {
        let field = |name| text.lines().find_map(|line: &str| line.strip_prefix(name)).unwrap_or_default().to_owned();
        // The position, and of an event what tells it from any other one.
        let id = field("id: ").split('-').next().unwrap().parse().unwrap_or_default();
        (field("event: "), id, serde_json::from_str(&field("data: ")).unwrap())
    };
    text.split_terminator("\n\n").map(message).collect()
}

async fn next(following: &mut Following) -> Vec<(String, u64, Value)> {
    messages(tokio::time::timeout(Duration::from_secs(20), following.next()).await.unwrap())
}

/// The positions that are told, `ready` left out, until `last` is.
async fn positions(following: &mut Following, last: u64) -> Vec<u64> {
    let mut found = Vec::new();
    while found.last() != Some(&last) {
        found.extend(
            next(following).await.iter().filter(|(event, ..)| event != "ready").map(|(_, position, _)| *position),
        );
    }
    found
}

#[actix_web::test]
async fn a_stream_begins_now_and_tells_what_happens_on_own_accounts() {
    let bank = Bank::in_memory().unwrap();
    let (mina, joon) = (account(&bank, "mina").await, account(&bank, "joon").await);
    let streams = Streams::new(bank.clone(), MOST);
    let mut minas = follow(&streams, Viewer::Owner(owner("mina")), None);
    let mut joons = follow(&streams, Viewer::Account(joon), None);
    let mut auditors = follow(&streams, Viewer::Staff(joon), None);
    let durable = bank.stats().durable.get();
    for stream in [&mut minas, &mut joons, &mut auditors] {
        let ready = next(stream).await;
        assert_eq!((ready[0].0.as_str(), ready[0].1), ("ready", durable));
    }
    let paid = bank.transfer(Transfer::new(mina, joon, won(700)).with_labels("to joon", "from mina")).await.unwrap();
    let of = |messages: Vec<(String, u64, Value)>| {
        assert_eq!((messages[0].0.as_str(), messages[0].1), ("posted", paid.position.get()));
        messages[0].2["transfer"].clone()
    };
    let (sent, received, seen) =
        (of(next(&mut minas).await), of(next(&mut joons).await), of(next(&mut auditors).await));
    for told in [&sent, &received, &seen] {
        assert_eq!((&told["amount"], &told["currency"], &told["scale"]), (&700.into(), &"KRW".into(), &0.into()));
        assert_eq!((&told["id"], &told["status"]), (&paid.id.to_string().into(), &"posted".into()));
    }
    assert_eq!((&sent["sender_label"], &sent["receiver_label"]), (&"to joon".into(), &Value::Null));
    assert_eq!((&received["sender_label"], &received["receiver_label"]), (&Value::Null, &"from mina".into()));
    assert_eq!((&received["fee"], &sent["fee"]), (&Value::Null, &0.into()));
    assert_eq!((&seen["sender_label"], &seen["receiver_label"]), (&"to joon".into(), &"from mina".into()));
    bank.close().await.unwrap();
    assert_eq!(minas.next().await, News::Over);
}

#[actix_web::test]
async fn what_is_opened_later_is_followed_and_what_is_refused_is_told_to_who_asked() {
    let bank = Bank::in_memory().unwrap();
    let joon = account(&bank, "joon").await;
    let streams = Streams::new(bank.clone(), MOST);
    let mut minas = follow(&streams, Viewer::Owner(owner("mina")), None);
    let mut joons = follow(&streams, Viewer::Owner(owner("joon")), None);
    next(&mut minas).await;
    next(&mut joons).await;
    let mina = account(&bank, "mina").await;
    assert!(bank.transfer(Transfer::new(mina, joon, won(2_000_000))).await.is_err());
    // Several can come in one piece.
    let mut told = Vec::new();
    while told.len() < 3 {
        told.extend(next(&mut minas).await);
    }
    let [opened, deposit, refused] = &told[..] else { panic!("{told:?}") };
    assert_eq!(opened.0, "opened");
    assert_eq!((deposit.0.as_str(), &deposit.2["transfer"]["kind"]), ("posted", &"deposit".into()));
    assert_eq!(refused.0, "refused");
    assert_eq!(refused.2["transfer"]["refusal"]["code"], "insufficient_funds");
    assert_eq!(refused.2["transfer"]["refusal"]["figures"]["available"], 1_000_000);
    // Joon hears of nothing before the next one that is posted.
    let posted = bank.transfer(Transfer::new(mina, joon, won(1))).await.unwrap();
    assert_eq!(next(&mut joons).await[0].1, posted.position.get());
}

#[actix_web::test]
async fn the_outcome_of_a_pending_transfer_is_told_under_its_id() {
    let bank = Bank::in_memory().unwrap();
    let (mina, joon) = (account(&bank, "mina").await, account(&bank, "joon").await);
    let streams = Streams::new(bank.clone(), MOST);
    let mut minas = follow(&streams, Viewer::Owner(owner("mina")), None);
    let mut joons = follow(&streams, Viewer::Owner(owner("joon")), None);
    next(&mut minas).await;
    next(&mut joons).await;
    let accepted = bank.accept(Transfer::new(mina, joon, won(5))).await.unwrap();
    let void = jangbu::holds::VoidHold {
        rejected: true,
        ..jangbu::holds::VoidHold::new(accepted.id).because("no").telling("Sorry")
    };
    bank.void_hold(void).await.unwrap();
    for (stream, text) in [(&mut minas, Value::from("Sorry")), (&mut joons, Value::Null)] {
        // Both come in one piece or in two.
        let mut told = next(stream).await;
        if told.len() < 2 {
            told.extend(next(stream).await);
        }
        let status = |place: usize| (&told[place].2["transfer"]["id"], &told[place].2["transfer"]["status"]);
        let id = Value::from(accepted.id.to_string());
        assert_eq!((status(0), status(1)), ((&id, &"pending".into()), (&id, &"rejected".into())));
        assert_eq!(told[1].2["transfer"]["customer_text"], text);
        assert_eq!(told[1].2["transfer"]["reason"], Value::Null, "it is a note of the bank's own");
        assert_eq!(told[1].2["transfer"]["kind"], "transfer");
    }
}

/// Follows to wherever it is cut, and goes on from there, while the bank is at work.
#[actix_web::test]
async fn wherever_it_is_cut_a_stream_goes_on_without_gap_or_duplicate() {
    let bank = Bank::in_memory().unwrap();
    let (mina, joon) = (account(&bank, "mina").await, account(&bank, "joon").await);
    let sora = account(&bank, "sora").await;
    let streams = Streams::new(bank.clone(), MOST);
    let mut expected = Vec::new();
    let begin = bank.stats().durable.get();
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut chance = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed % below
    };
    let mut read = Vec::new();
    let mut from = begin + 1;
    for _ in 0..60 {
        for _ in 0..chance(40) {
            let (from, to) = [(mina, joon), (joon, sora), (sora, mina), (joon, mina)][chance(4) as usize];
            let receipt = bank.transfer(Transfer::new(from, to, won(1))).await.unwrap();
            if from == mina || to == mina {
                expected.push(receipt.position.get());
            }
        }
        let mut following = follow(&streams, Viewer::Owner(owner("mina")), Some(from));
        let wanted = chance(30);
        for _ in 0..wanted {
            if read.len() == expected.len() {
                break;
            }
            for (event, position, _) in next(&mut following).await {
                // A browser goes on from the last id, whatever the event was.
                from = position + 1;
                if event != "ready" {
                    read.push(position);
                }
            }
            if chance(3) == 0 {
                let receipt = bank.transfer(Transfer::new(mina, joon, won(1))).await.unwrap();
                expected.push(receipt.position.get());
            }
        }
    }
    let last = *expected.last().unwrap();
    if read.last() != Some(&last) {
        let mut following = follow(&streams, Viewer::Account(mina), Some(from));
        read.extend(positions(&mut following, last).await);
    }
    assert_eq!(read, expected);
}

#[actix_web::test]
async fn a_slow_reader_is_told_so_and_misses_nothing() {
    let bank = Bank::in_memory().unwrap();
    let (mina, joon) = (account(&bank, "mina").await, account(&bank, "joon").await);
    let streams = Streams::new(bank.clone(), MOST);
    let mut slow = follow(&streams, Viewer::Owner(owner("mina")), None);
    next(&mut slow).await;
    let mut expected = Vec::new();
    for _ in 0..4 {
        let pay = |_| Command::Transfer(Transfer::new(mina, joon, won(1)));
        for answer in bank.submit((0..200).map(pay).collect()).await.unwrap() {
            expected.push(answer.unwrap().position().get());
        }
    }
    expected.sort_unstable();
    // The reader takes nothing before it is given up.
    for _ in 0..2_000 {
        if streams.followers() == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(streams.followers(), 0);
    let (mut read, mut lagged) = (Vec::new(), false);
    while read.last() != expected.last() {
        for (event, position, data) in next(&mut slow).await {
            if event == "lagging" {
                assert_eq!(Some(data["resume"].as_u64().unwrap()), read.last().map(|last| last + 1));
                lagged = true;
            } else {
                read.push(position);
            }
        }
    }
    assert_eq!((read, lagged), (expected, true));
    // It is among the others again.
    let receipt = bank.transfer(Transfer::new(mina, joon, won(1))).await.unwrap();
    assert_eq!(next(&mut slow).await[0].1, receipt.position.get());
}

/// A member of no staff, or one of it, at an address of its own or at one that is shared.
fn who(host: u32, is_staff: bool) -> Who {
    Who { member: MemberId::random(), address: IpAddr::V4(Ipv4Addr::from_bits(host)), is_staff }
}

#[actix_web::test]
async fn so_many_streams_and_no_more() {
    let streams = Streams::new(Bank::in_memory().unwrap(), MOST);
    let member = who(1, false);
    let places: Vec<_> = (0..MOST.per_member).map(|_| streams.enter(member).unwrap()).collect();
    assert!(streams.enter(member).is_none());
    assert!(streams.enter(who(1, false)).is_some());
    drop(places);
    assert_eq!(streams.open(), 0);
    assert!(streams.enter(member).is_some());
}

/// Ten members cannot take them all, nor can one address; and some are kept for staff.
#[actix_web::test]
async fn streams_are_shared() {
    let streams = Streams::new(Bank::in_memory().unwrap(), MOST);
    let all_of = |who: Who| std::iter::from_fn(|| streams.enter(who)).take(MOST.total).collect::<Vec<_>>();
    let ten: Vec<_> = (0..10).flat_map(|_| all_of(who(1, false))).collect();
    assert_eq!(ten.len(), MOST.per_address);
    assert!(streams.enter(who(1, true)).is_some(), "staff at the same address follows all the same");
    let everybody: Vec<_> = (2..400).flat_map(|host| all_of(who(host, false))).collect();
    assert_eq!(ten.len() + everybody.len(), 9_500);
    assert!(streams.enter(who(500, false)).is_none());
    let staff: Vec<_> = (0..100).flat_map(|_| all_of(who(1, true))).collect();
    assert_eq!(staff.len(), 500);
    drop((ten, everybody, staff));
    assert_eq!(streams.open(), 0);
}

/// A client that is ahead of a restored bank, or comes from another one, is told and goes on from now.
#[actix_web::test]
async fn a_place_of_another_history_is_told() {
    let (bank, other) = (Bank::in_memory().unwrap(), Bank::in_memory().unwrap());
    account(&bank, "mina").await;
    account(&other, "mina").await;
    let durable = bank.stats().durable;
    let cursor = |bank: &Bank, position| {
        let page = futures::executor::block_on(bank.events(Position::new(position), 1)).unwrap();
        Resume::Cursor(page.data[0].cursor())
    };
    let streams = Streams::new(bank.clone(), MOST);
    let begin = |from| {
        let place = streams.enter(who(1, false)).unwrap();
        Following::new(&streams, place, Viewer::Owner(owner("mina")), Some(from))
    };
    for from in [cursor(&other, 2), Resume::Position(durable.next()), Resume::Position(Position::new(u64::MAX - 1))] {
        let told = next(&mut begin(from)).await;
        let events: Vec<_> = told.iter().map(|(event, position, _)| (event.as_str(), *position)).collect();
        assert_eq!(events, [("reset", durable.get()), ("ready", durable.get())], "{from:?}");
    }
    for from in [cursor(&bank, 2), Resume::Position(Position::new(2))] {
        let mut following = begin(from);
        assert_eq!(next(&mut following).await[0].0, "ready", "{from:?}");
        assert_eq!(next(&mut following).await[0].0, "opened", "{from:?}");
    }
}
