//! Journals with one fault each that no rule can have produced, and the words with which the check reports it.

use std::path::Path;

use rustc_hash::FxHashMap;

use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{
    AmendHold, CashPosting, ChangeAccount, ChangeSchedule, Linked, OpenAccount, PlaceHold, Reverse, SetSchedule,
    SettleHold, Step, Sweep, Transfer, VoidHold,
};
use jangbu_actors::journal::disk::RealDisk;
use jangbu_actors::journal::{JournalError, verify};
use jangbu_actors::ledger::{
    Account, AccountId, AccountNumber, AccountType, Amount, Body, BusinessDate, Change, CommandId, Currency, Event,
    Freeze, HoldEnd, Link, OwnerId, Position, Record, Rule, RunOutcome, Schedule, ScheduleChange, TimeOfDay, Timestamp,
    TypeCode, apply,
};
use jangbu_books::books::Auditor;
use jangbu_runtime::clock::SteppedClock;

fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

fn at(time: &str) -> Timestamp {
    format!("2026-11-22T{time}+09:00").parse::<Timestamp>().unwrap()
}

/// A bank that does something of everything that is decided again. A, B and C pay 5 after one free transfer a day, and
/// may send 1,000 a day. The type and an owner's free transfers change in between.
fn records() -> Vec<Record> {
    let directory = tempfile::tempdir().unwrap();
    let clock = SteppedClock::starting_at(at("09:00:00"));
    let bank = jangbu_actors::Bank::builder().clock(std::sync::Arc::clone(&clock) as _).open(directory.path()).unwrap();
    let bank = Bank::from(bank);
    let code = TypeCode::new("plain").unwrap();
    let mut plain = AccountType::new(code, "plain", Currency::krw());
    (plain.fee, plain.limit_per_day) = (won(5), Some(won(1_000)));
    bank.set_type(plain.clone()).unwrap();
    let accounts = ["A", "B", "C"].map(|text| {
        let owner = OwnerId::new(&text.to_lowercase()).unwrap();
        bank.set_owner(owner, 1).unwrap();
        let open = OpenAccount::new(owner).with_number(AccountNumber::new(text).unwrap()).with_type(code);
        let number = bank.open_account(open).unwrap();
        bank.deposit(CashPosting::new(number, won(3_000))).unwrap();
        number
    });
    let [a, b, c] = accounts;
    // After this time, none of the earlier terms belongs to anything in flight.
    clock.set(at("09:01:00"));
    let transfer = Transfer::new(a, b, won(50));
    bank.transfer(transfer.clone()).unwrap();
    bank.transfer(Transfer::new(a, b, won(60))).unwrap();
    bank.reverse(Reverse::part(transfer.id, won(20))).unwrap();
    bank.withdraw(CashPosting::new(c, won(7))).unwrap();
    let place = |amount, expires_at| {
        let place = PlaceHold::new(a, b, won(amount));
        bank.place_hold(PlaceHold { expires_at, ..place }).unwrap().id
    };
    let (settled, voided, over) =
        (place(100, Some(at("20:00:00"))), place(110, None), place(120, Some(at("09:30:00"))));
    clock.set(at("09:10:00"));
    bank.settle_hold(SettleHold::part(settled, won(30)).keeping_rest()).unwrap();
    let (id, raise_to) = (CommandId::random(), Some(won(130)));
    bank.amend_hold(AmendHold { id, hold: settled.into(), raise_to, expires_at: None }).unwrap();
    bank.void_hold(VoidHold::new(voided)).unwrap();
    clock.set(at("09:31:00"));
    while bank.hold(over).unwrap().unwrap().ended_at.is_none() {
        std::thread::yield_now();
    }
    bank.linked(Linked::new(vec![Step::transfer(a, c, won(11)), Step::transfer(c, b, won(12))])).unwrap();
    bank.sweep(Sweep::to_zero(c, b)).unwrap();
    let change = Change::Overdraft(won(10));
    bank.change_account(ChangeAccount { id: CommandId::random(), account: c, change }).unwrap();
    plain.fee = won(6);
    bank.set_type(plain).unwrap();
    clock.set(at("09:32:00"));
    bank.transfer(Transfer::new(b, c, won(13))).unwrap();
    bank.transfer(Transfer::new(b, c, won(14))).unwrap();
    let daily = Schedule::new(a, b, won(15), Rule::daily(TimeOfDay::new(14, 0).unwrap()));
    let order = bank.schedule(SetSchedule::new(daily.clone())).map(|_| ()).err();
    assert_eq!(order, None);
    let paused = SetSchedule::new(daily);
    bank.schedule(paused.clone()).unwrap();
    bank.change_schedule(ChangeSchedule::new(paused.id, ScheduleChange::Pause)).unwrap();
    clock.set(at("14:00:01"));
    bank.run_due().unwrap();
    bank.close().unwrap();
    let mut records = Vec::new();
    verify::<JournalError>(&RealDisk, &directory.path().join("journal"), |record| {
        records.push(record);
        Ok(())
    })
    .unwrap();
    records
}

/// Recomputes the links of all legs, so that the fault is the only one.
fn relink(records: &mut [Record]) {
    let mut accounts: FxHashMap<AccountId, Account> = FxHashMap::default();
    for record in records {
        let (mut links, mut touched) =
            (jangbu_actors::ledger::Links::new(), FxHashMap::<AccountId, Position>::default());
        record.body.for_each_leg(record.date, |id, event| {
            match event {
                Event::Opened(opened) => drop(accounts.insert(id, Account::open(opened))),
                event => apply(accounts.get_mut(&id).unwrap(), event).unwrap(),
            }
            let account = accounts.get_mut(&id).unwrap();
            let previous = *touched.entry(id).or_insert(account.last);
            links.push(Link { previous, balance: account.posted });
            account.last = record.position;
        });
        record.links = links;
    }
}

fn check(records: &[Record]) -> Result<(), String> {
    let mut auditor = Auditor::new(Path::new("there is no stored state"));
    records.iter().try_for_each(|record| jangbu_actors::check::visit(&mut auditor, record))
}

/// Returns the result of checking the records after `change` changed one of them.
#[track_caller]
fn says(words: &str, change: impl FnMut(&mut Record) -> bool) {
    let mut records = records();
    assert_eq!(check(&records), Ok(()));
    assert!(records.iter_mut().any(change), "there is a record to change");
    relink(&mut records);
    let what = check(&records).expect_err("the checker notices");
    assert!(what.contains(words), "{what}");
}

/// The transfer of that amount.
fn transfer_of(record: &mut Record, amount: u64) -> Option<&mut jangbu_actors::ledger::Posted> {
    match &mut record.body {
        Body::Posted(posted) if posted.amount == won(amount) => Some(posted),
        _ => None,
    }
}

#[test]
fn a_missing_fee_is_reported() {
    says("account A paid a fee of 0 for 60, but its terms and free transfers give 5", |record| {
        transfer_of(record, 60).map(|posted| posted.fee = won(0)).is_some()
    });
}

#[test]
fn a_fee_for_a_free_transfer_is_reported() {
    says("account B paid a fee of 6 for 13, but its terms and free transfers give 0", |record| {
        transfer_of(record, 13).is_some_and(|posted| {
            (posted.fee, posted.fees) = (won(6), AccountId::new(2));
            true
        })
    });
}

#[test]
fn a_fee_by_outdated_terms_is_reported() {
    says("account B paid a fee of 5 for 14, but its terms and free transfers give 6", |record| {
        transfer_of(record, 14).map(|posted| posted.fee = won(5)).is_some()
    });
}

#[test]
fn a_transfer_that_uses_no_free_transfer_is_reported() {
    says("the 50 of account A is recorded as", |record| {
        transfer_of(record, 50).map(|posted| posted.counted = false).is_some()
    });
}

#[test]
fn a_transfer_over_the_daily_limit_is_reported() {
    says("account A could not pay 1100: ", |record| {
        transfer_of(record, 60).map(|posted| posted.amount = won(1_100)).is_some()
    });
}

#[test]
fn a_debit_with_the_wrong_business_date_is_reported() {
    says("the debit of account A counts for 2026-11-23, but was decided for 2026-11-22", |record| {
        let is_it = transfer_of(record, 50).is_some();
        if is_it {
            record.date = BusinessDate::from_days(record.date.as_days() + 1);
        }
        is_it
    });
}

#[test]
fn a_fee_credited_to_a_customer_is_reported() {
    says("which is not the fee account of KRW", |record| {
        transfer_of(record, 60).is_some_and(|posted| {
            posted.fees = posted.to;
            true
        })
    });
}

#[test]
fn cash_from_a_customer_is_reported() {
    says("a Deposit goes from account A to account B", |record| {
        let mut account = None;
        if let Body::Posted(posted) = &mut record.body
            && posted.amount == won(60)
        {
            posted.kind = jangbu_actors::ledger::PostingKind::Deposit;
            (posted.fee, posted.limited, posted.counted) = (won(0), false, false);
            account = Some(posted.from);
        }
        account.is_some()
    });
}

#[test]
fn a_credit_to_a_frozen_account_is_reported() {
    says("account C could not take 13: account C is frozen", |record| match &mut record.body {
        Body::AccountChanged { change, .. } => {
            **change = Change::Freeze(Freeze { debits: false, credits: true });
            true
        }
        _ => false,
    });
}

#[test]
fn closing_an_account_with_money_is_reported() {
    says("account B could not be changed like this: ", |record| match &mut record.body {
        Body::AccountChanged { account, change } => {
            (*account, **change) = (AccountId::new(4), Change::Close);
            true
        }
        _ => false,
    });
}

#[test]
fn a_hold_that_returns_too_much_of_the_limit_is_reported() {
    says("but the rules give", |record| match &mut record.body {
        Body::Drawn(drawn) if drawn.drawn.end == Some(HoldEnd::Voided) => {
            drawn.drawn.limit_back = won(109);
            true
        }
        _ => false,
    });
}

#[test]
fn a_settlement_after_the_expiry_is_reported() {
    says("could not be drawn on at", |record| match &mut record.body {
        Body::Held(placed) if placed.amount == won(100) => {
            placed.expires_at = Some(at("09:05:00"));
            true
        }
        _ => false,
    });
}

#[test]
fn an_early_expiry_is_reported() {
    says("has not expired yet", |record| match &mut record.body {
        Body::Held(placed) if placed.amount == won(120) => {
            placed.expires_at = Some(at("19:00:00"));
            true
        }
        _ => false,
    });
}

#[test]
fn a_raise_beyond_the_limit_is_reported() {
    says("could not be amended like this: ", |record| match &mut record.body {
        Body::Amended(amended) => {
            amended.amended.raised = won(990);
            true
        }
        _ => false,
    });
}

#[test]
fn a_schedule_with_impossible_progress_is_reported() {
    says("is recorded with", |record| match &mut record.body {
        Body::ScheduleRun(run) => {
            run.progress.posted += 1;
            true
        }
        _ => false,
    });
    says("is recorded with", |record| match &mut record.body {
        Body::ScheduleSet(set) => {
            set.progress.skipped = 1;
            true
        }
        _ => false,
    });
    says("is recorded with", |record| match &mut record.body {
        Body::ScheduleChanged(changed) => {
            changed.progress.failed = 2;
            true
        }
        _ => false,
    });
}

#[test]
fn a_run_without_a_movement_is_reported() {
    says("but nothing moved there", |record| {
        // The attempt's transfer was made under another id.
        let is_it = transfer_of(record, 15).is_some();
        if is_it {
            record.id = CommandId::derived(b"another");
        }
        is_it
    });
    says("does not match its run", |record| match &mut record.body {
        Body::ScheduleRun(run) => match &mut run.outcome {
            RunOutcome::Posted { position, .. } => {
                *position = Position::new(position.get() - 1);
                true
            }
            _ => false,
        },
        _ => false,
    });
}

#[test]
fn an_account_of_an_unknown_type_is_reported() {
    says("account A is of the type plaim, which does not exist", |record| match &mut record.body {
        Body::AccountOpened(opened) => {
            opened.kind = TypeCode::new("plaim").unwrap();
            true
        }
        _ => false,
    });
}
