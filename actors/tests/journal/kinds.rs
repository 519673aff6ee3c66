//! Every kind of record, and the state that stands in for archived ones, as version 1 wrote them, stay readable.
//!
//! `tests/fixtures/bank-v1/journal` is the journal of a bank that did something of every kind, whose first segments
//! were archived behind a state file, and that then did all of it again. `records.txt` has its records in words,
//! `bank.txt` what the bank shows. `tests/fixtures/clock-v1` has the journal of a bank whose clock was accepted. Once
//! version 1 is released, these files must never change; a new kind of record then gets its own fixture. Until then,
//! `UPDATE_FIXTURES=1 cargo test -p jangbu-actors --test journal` writes them again.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::{BoxFuture, pending};
use jangbu_actors::Builder;
use jangbu_actors::archive::{Which, archive};
use jangbu_actors::blocking::Bank;
use jangbu_actors::check::{self, check};
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::{
    AmendHold, CashPosting, ChangeAccount, ChangeSchedule, Linked, OpenAccount, PlaceHold, Reverse, SetSchedule,
    SettleHold, Step, Sweep, Transfer, VoidHold,
};
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{JournalError, verify};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, Body, CatchUp, Change, CommandId, Currency, LimitException, OwnerId, Record,
    RecordPut, Rule, Schedule, ScheduleChange, TimeOfDay, Timestamp, TypeCode,
};
use jangbu_actors::verification::{Pending, Verdict, Verifier};
use serde_json::json;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bank-v1")
}

fn clock_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/clock-v1")
}

fn builder(clock: &Arc<SteppedClock>) -> Builder {
    jangbu_actors::Bank::builder().segment_bytes(16 * 1024).clock(Arc::clone(clock) as _).time_zone("Asia/Seoul")
}

fn open(directory: &Path, clock: &Arc<SteppedClock>) -> Bank {
    Bank::from(builder(clock).open(directory).unwrap())
}

/// A verifier that never reaches a verdict.
struct Endless;

impl Verifier for Endless {
    fn verify(&self, _: Pending) -> BoxFuture<'static, Verdict> {
        Box::pin(pending())
    }
}

fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

fn number(text: String) -> AccountNumber {
    AccountNumber::new(&text).unwrap()
}

/// What the bank does on `day`: something of every kind of record, and every possible outcome of a schedule.
fn do_everything(bank: &Bank, clock: &SteppedClock, day: u32) {
    let at = |time: &str| format!("2026-11-{day:02}T{time}+09:00").parse::<Timestamp>().unwrap();
    let id = |what: &str| CommandId::derived(format!("{what} {day}").as_bytes());
    clock.set(at("12:00"));
    let code = TypeCode::new(&format!("dear{day}")).unwrap();
    let mut dear = AccountType::new(code, "dear", Currency::krw());
    dear.fee = won(5);
    bank.set_type(dear).unwrap();
    let owner = OwnerId::new("mina").unwrap();
    bank.set_owner(owner, 1).unwrap();
    let currency = ["PTA", "PTB"][day as usize % 2];
    bank.add_currency(Currency::new(currency).unwrap(), 3).unwrap();
    let (a, b) = (number(format!("A{day}")), number(format!("B{day}")));
    for account in [a, b] {
        bank.open_account(OpenAccount::new(owner).with_number(account).with_type(code)).unwrap();
    }
    let change = Change::LimitPerDay(LimitException::At(won(90_000)));
    bank.change_account(ChangeAccount { id: id("change"), account: a, change }).unwrap();
    let put = |value: Option<&[u8]>| RecordPut {
        kind: "note".into(),
        key: format!("on {day}"),
        value: value.map(<[u8]>::to_vec),
        expected: None,
    };
    bank.put_records(vec![put(Some(b"kept"))]).unwrap();
    bank.deposit(CashPosting::new(a, won(10_000)).with_label("cash in")).unwrap();
    bank.transfer(Transfer::new(a, b, won(700)).with_id(id("paid")).with_labels("rent", "flat").with_reference("May"))
        .unwrap();
    bank.transfer(Transfer::new(b, a, won(80_000)).with_id(id("too much"))).unwrap_err();
    bank.reverse(Reverse::part(id("paid"), won(100))).unwrap();
    bank.sweep(Sweep::to_zero(b, a)).unwrap();
    for (name, expires_at) in [("open", None), ("used", None), ("voided", None), ("over", Some(at("13:00")))] {
        let hold = PlaceHold::new(a, b, won(300)).with_id(id(name)).with_labels("held", "held");
        bank.place_hold(PlaceHold { expires_at, ..hold }).unwrap();
    }
    let (raise_to, expires_at) = (Some(won(350)), None);
    bank.amend_hold(AmendHold { id: id("amended"), hold: id("open").into(), raise_to, expires_at }).unwrap();
    bank.settle_hold(SettleHold::part(id("open"), won(30)).keeping_rest()).unwrap();
    bank.void_hold(VoidHold::new(id("voided")).because("no rooms left")).unwrap();
    let settle = Step::Settle { hold: id("used").into(), amount: Some(won(200)), last: true };
    bank.linked(Linked::new(vec![Step::transfer(a, b, won(40)), settle]).with_id(id("linked"))).unwrap();
    let daily = Rule::daily(TimeOfDay::new(14, 0).unwrap());
    let order = |amount, rule| Schedule::new(a, b, won(amount), rule);
    for (name, schedule) in [
        ("posted", order(10, Rule::Once(at("14:00")))),
        ("refused", order(85_000, Rule::Once(at("14:00")))),
        ("skipped", order(20, Rule::Once(at("14:00"))).with_catch_up(CatchUp::Skip)),
        ("paused", order(30, daily)),
    ] {
        bank.schedule(SetSchedule::new(schedule).with_id(id(name))).unwrap();
    }
    bank.change_schedule(ChangeSchedule { id: id("pause"), schedule: id("paused"), change: ScheduleChange::Pause })
        .unwrap();
    clock.set(at("15:30"));
    bank.run_due().unwrap();
    while bank.hold(id("over")).unwrap().unwrap().ended_at.is_none() {
        std::thread::yield_now();
    }
}

/// What the bank does later on `day`, when it has a verifier: transfers that await verification, including a
/// schedule's.
fn have_some_verified(directory: &Path, clock: &Arc<SteppedClock>, day: u32) {
    let at = |time: &str| format!("2026-11-{day:02}T{time}+09:00").parse::<Timestamp>().unwrap();
    let id = |what: &str| CommandId::derived(format!("{what} {day}").as_bytes());
    let bank = Bank::from(builder(clock).verifier(Endless).open(directory).unwrap());
    let (a, b) = (number(format!("A{day}")), number(format!("B{day}")));
    for name in ["waiting", "approved", "rejected"] {
        bank.accept(Transfer::new(a, b, won(11)).with_id(id(name))).unwrap();
    }
    bank.settle_hold(SettleHold::all(id("approved"))).unwrap();
    bank.void_hold(VoidHold { rejected: true, ..VoidHold::new(id("rejected")) }.because("not known")).unwrap();
    let once = Schedule::new(a, b, won(12), Rule::Once(at("16:00")));
    bank.schedule(SetSchedule::new(once).with_id(id("accepted"))).unwrap();
    clock.set(at("16:30"));
    bank.run_due().unwrap();
    bank.close().unwrap();
}

fn write_fixture() {
    let _nothing_there = std::fs::remove_dir_all(folder());
    std::fs::create_dir_all(folder().join("journal")).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let directory = scratch.path().join("bank");
    let clock = SteppedClock::starting_at(Timestamp::default());
    let bank = open(&directory, &clock);
    do_everything(&bank, &clock, 1);
    // Enough to fill and seal the segment.
    for count in 0..140u64 {
        let reference = format!("for the rent of the month, paid as agreed, no {count}");
        let transfer = Transfer::new(number("A1".into()), number("B1".into()), won(1)).with_reference(&reference);
        bank.transfer(transfer).unwrap();
    }
    bank.close().unwrap();
    have_some_verified(&directory, &clock, 1);
    archive(&directory, scratch.path().join("archive"), Which::AllBut(0)).unwrap();
    let bank = open(&directory, &clock);
    do_everything(&bank, &clock, 2);
    bank.close().unwrap();
    have_some_verified(&directory, &clock, 2);
    for file in std::fs::read_dir(directory.join("journal")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), folder().join("journal").join(file.file_name())).unwrap();
    }
    let (records, _) = records(&folder());
    std::fs::write(folder().join("records.txt"), records).unwrap();
    std::fs::write(folder().join("bank.txt"), shown()).unwrap();
}

/// A bank whose clock was accepted after a jump of a year.
fn write_clock_fixture() {
    let _nothing_there = std::fs::remove_dir_all(clock_folder());
    let scratch = tempfile::tempdir().unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let clock = SteppedClock::starting_at(at("2026-11-01T12:00+09:00"));
    let bank = open(&scratch.path().join("bank"), &clock);
    bank.set_owner(OwnerId::new("mina").unwrap(), 1).unwrap();
    clock.leap(at("2027-11-01T12:00:05+09:00"));
    bank.accept_clock(at("2027-11-01T12:00:01+09:00")).unwrap();
    bank.set_owner(OwnerId::new("mina").unwrap(), 2).unwrap();
    bank.close().unwrap();
    std::fs::create_dir_all(clock_folder().join("journal")).unwrap();
    for file in std::fs::read_dir(scratch.path().join("bank/journal")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), clock_folder().join("journal").join(file.file_name())).unwrap();
    }
    std::fs::write(clock_folder().join("records.txt"), records(&clock_folder()).0).unwrap();
}

/// The records of a fixture in words, and their kinds.
fn records(folder: &Path) -> (String, BTreeSet<String>) {
    let (mut text, mut kinds) = (String::new(), BTreeSet::new());
    verify(&RealDisk, &folder.join("journal"), |record: Record| {
        let body = match &record.body {
            // The id of a bank exceeds the numbers of JSON values.
            Body::BankCreated(made) => {
                json!({ "BankCreated": { "bank": made.bank.to_string(), "time_zone": made.time_zone } })
            }
            body => serde_json::to_value(body).unwrap(),
        };
        kinds.extend(body.as_object().unwrap().keys().cloned());
        let Record { position, recorded_at, decided_at, date, id, content, links, .. } = &record;
        let (recorded, decided) = (recorded_at.as_ns(), decided_at.as_ns());
        let links = serde_json::to_string(links).unwrap();
        writeln!(text, "{position} {recorded} {decided} {date} {id} {content:?} {body} {links}").unwrap();
        Ok::<(), JournalError>(())
    })
    .unwrap();
    (text, kinds)
}

/// What the fixture's bank shows, opened with a copy of its journal and without a stored state.
fn shown() -> String {
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("journal")).unwrap();
    for file in std::fs::read_dir(folder().join("journal")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join("journal").join(file.file_name())).unwrap();
    }
    check(copy.path(), check::Options { deep: true }).unwrap();
    // After everything: nothing falls due that was not due then.
    let bank = open(copy.path(), &SteppedClock::starting_at(Timestamp::default()));
    let mut text = String::new();
    for account in bank.accounts(None, 1_000).unwrap().data {
        writeln!(text, "{}", serde_json::to_string(&account).unwrap()).unwrap();
        for hold in bank.holds(account.number).unwrap() {
            writeln!(text, "{}", serde_json::to_string(&hold).unwrap()).unwrap();
        }
    }
    for schedule in bank.schedules(None, 1_000).unwrap().data {
        writeln!(text, "{}", serde_json::to_string(&schedule).unwrap()).unwrap();
    }
    for account_type in bank.account_types().unwrap() {
        writeln!(text, "{}", serde_json::to_string(&account_type).unwrap()).unwrap();
    }
    for note in bank.records("note", "", None, 1_000).unwrap().data {
        writeln!(text, "{} {} {:?}", note.key, note.version, note.value).unwrap();
    }
    // Archived ids and ends of holds are known from the sidecars.
    for what in ["paid 1", "voided 1", "posted 1", "paid 2", "voided 2"] {
        let id = CommandId::derived(what.as_bytes());
        let again = Transfer::new(number("A1".into()), number("B1".into()), won(3)).with_id(id);
        writeln!(text, "{what}: {:?}", bank.transfer(again).unwrap_err()).unwrap();
        writeln!(text, "{what}: {:?}", bank.settle_hold(SettleHold::all(id)).unwrap_err()).unwrap();
    }
    bank.close().unwrap();
    text
}

/// The names of all kinds of records, from serde's error for an unknown one.
fn all_kinds() -> BTreeSet<String> {
    kinds_in_order().into_iter().collect()
}

/// The names of all kinds of records in the order of their numbers.
fn kinds_in_order() -> Vec<String> {
    let error = serde_json::from_str::<Body>("\"no such kind\"").unwrap_err().to_string();
    error.split('`').skip(3).step_by(2).map(ToOwned::to_owned).collect()
}

#[test]
fn the_specification_lists_every_kind_of_record_with_its_number() {
    let specification = include_str!("../../../docs/format.md");
    let rows = specification.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let number = cells.next()?.parse::<usize>().ok()?;
        let kind = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
        Some((number, kind.to_owned()))
    });
    let expected: Vec<_> = kinds_in_order().into_iter().enumerate().collect();
    assert_eq!(rows.collect::<Vec<_>>(), expected);
}

#[test]
fn every_kind_of_record_of_format_1_and_its_state_file_stay_readable() {
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        write_fixture();
        write_clock_fixture();
    }
    let (found, mut kinds) = records(&folder());
    let (of_clock, kinds_of_clock) = records(&clock_folder());
    assert_eq!(of_clock, std::fs::read_to_string(clock_folder().join("records.txt")).unwrap());
    assert!(kinds_of_clock.contains("ClockAccepted"));
    kinds.extend(kinds_of_clock.into_iter().filter(|kind| kind != "BankCreated"));
    let mut expected = all_kinds();
    assert!(expected.remove("BankCreated"), "the first record, which is archived in this fixture");
    assert!(expected.remove("ReversalsRepaired"), "which has a fixture of its own: see `repaired`");
    assert_eq!(kinds, expected, "every kind has a fixture");
    for way in ["posted", "refused", "skipped", "accepted"] {
        assert!(found.contains(&format!("\"outcome\":{{\"{way}\"")), "a schedule that was {way}");
    }
    assert_eq!(found, std::fs::read_to_string(folder().join("records.txt")).unwrap());
    assert_eq!(shown(), std::fs::read_to_string(folder().join("bank.txt")).unwrap());
    let files = std::fs::read_dir(folder().join("journal")).unwrap().map(|file| file.unwrap().path());
    let states = files.filter(|path| path.extension().is_some_and(|is| is == "state")).count();
    assert_eq!(states, 1, "a state stands in for the archived records");
}
