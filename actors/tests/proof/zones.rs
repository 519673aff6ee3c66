//! Midnight on ordinary days and on days of 23 and 25 hours: a hold's use of its day is returned only on that day.

use std::sync::Arc;

use futures::executor::block_on;
use jangbu_actors::clock::SteppedClock;
use jangbu_actors::command::{Command, PlaceHold, VoidHold};
use jangbu_actors::ledger::{AccountType, Change, CommandId, Currency, LimitException, Timestamp};
use jangbu_actors::{Bank, Snapshot};

use crate::support::{ask, change, code, deposit, hold, moment, number, open, opening, owner, run, won};

/// The first moment of a day and of the next day.
#[rustfmt::skip]
const DAYS: [(&str, &str, &str, &str); 9] = [
    // zone                date          from                    to
    ("Asia/Seoul",         "2026-11-22", "2026-11-21T15:00:00Z", "2026-11-22T15:00:00Z"),
    ("Europe/London",      "2026-03-29", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"),
    ("Europe/London",      "2026-10-25", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"),
    ("America/New_York",   "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
    ("America/New_York",   "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
    // These days have no midnight: they begin at one o'clock.
    ("Africa/Cairo",       "2026-04-24", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"),
    ("America/Havana",     "2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
    // Midnight comes twice, as does the last hour of the day.
    ("America/Havana",     "2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"),
    ("Africa/Cairo",       "2026-10-29", "2026-10-28T21:00:00Z", "2026-10-29T22:00:00Z"),
];

struct Town {
    bank: Bank,
    clock: Arc<SteppedClock>,
    place: String,
}

impl Town {
    /// Account A may send 1,000 a day, and two transfers a day are free.
    fn new(zone: &str, date: &str, at: Timestamp) -> Town {
        let clock = SteppedClock::starting_at(at);
        let bank = Bank::builder().time_zone(zone).clock(Arc::clone(&clock) as _).in_memory().unwrap();
        let account_type = AccountType { fee: won(5), ..AccountType::new(code("std"), "std", Currency::krw()) };
        let set_type = Command::SetType { id: CommandId::random(), account_type: Box::new(account_type) };
        let owner = Box::new(owner("ann"));
        run(&bank, [set_type, Command::SetOwner { id: CommandId::random(), owner, free_transfers_per_day: 2 }]);
        run(&bank, [opening(open("A").with_type(code("std"))), opening(open("B"))]);
        run(&bank, [deposit("A", 100_000), change("A", Change::LimitPerDay(LimitException::At(won(1_000))))]);
        Town { bank, clock, place: format!("{zone} on {date}") }
    }

    /// Places a hold at that moment. Returns its id, its date and its fee.
    fn place(&self, at: Timestamp, amount: u64) -> (CommandId, String, u64) {
        self.clock.set(at);
        let placed = PlaceHold::new(number("A"), number("B"), won(amount));
        let receipt = block_on(self.bank.place_hold(placed)).unwrap();
        (receipt.id, receipt.date.to_string(), receipt.fee.minor_units())
    }

    fn void(&self, at: Timestamp, hold: CommandId) {
        self.clock.set(at);
        run(&self.bank, [Command::VoidHold(VoidHold::new(hold))]);
    }

    /// Returns the rest of the daily limit and of the free transfers.
    #[track_caller]
    fn left(&self, limit: u64, free: u32) {
        let snapshot: Snapshot = block_on(self.bank.snapshot(number("A"))).unwrap();
        assert_eq!((snapshot.left_today, snapshot.free_transfers_left), (Some(won(limit)), free), "{}", self.place);
    }
}

fn by_ms(moment: Timestamp, ms: i64) -> Timestamp {
    Timestamp::from_ns(moment.as_ns() + ms * 1_000_000)
}

#[test]
fn a_day_begins_and_ends_at_its_midnights_to_the_millisecond() {
    for (zone, date, from, to) in DAYS {
        let (from, to) = (moment(from), moment(to));
        let town = Town::new(zone, date, by_ms(from, -60_000));
        // One after another, because an account's date never goes back.
        let moments = [(by_ms(from, -1), false), (from, true), (by_ms(to, -1), true), (to, false)];
        for (at, is_that_day) in moments {
            let (_, found, _) = town.place(at, 1);
            assert_eq!(found == date, is_that_day, "{} at {at}: {found}", town.place);
        }
        // Every half hour of it.
        let town = Town::new(zone, date, from);
        let mut at = from;
        while at < to {
            town.clock.set(at);
            let snapshot = block_on(town.bank.snapshot(number("A"))).unwrap();
            assert_eq!(snapshot.date.to_string(), date, "{} at {at}", town.place);
            at = by_ms(at, 1_800_000);
        }
    }
}

#[test]
fn a_hold_returns_its_limit_until_the_last_millisecond_of_its_day() {
    for (zone, date, from, to) in DAYS {
        let (from, to) = (moment(from), moment(to));
        let town = Town::new(zone, date, from);
        let (early, _, fee) = town.place(from, 400);
        assert_eq!(fee, 0);
        town.left(600, 1);
        let (late, _, _) = town.place(by_ms(to, -1), 300);
        town.left(300, 0);
        town.void(by_ms(to, -1), early);
        town.left(700, 1);
        // Midnight: the counters are new, and a hold that ends now returns nothing.
        town.clock.set(to);
        town.left(1_000, 2);
        town.void(to, late);
        town.left(1_000, 2);
        let (third, next, _) = town.place(to, 250);
        assert_ne!(next, date, "{}", town.place);
        town.left(750, 1);
        // The clock goes back past midnight, but the account's day does not.
        town.void(by_ms(to, -1), third);
        town.left(1_000, 2);
        let (_, again, _) = town.place(by_ms(to, -1), 1);
        assert_eq!(again, next, "{}", town.place);
    }
}

#[test]
fn a_hold_returns_its_limit_when_it_expires_on_its_day_but_not_at_midnight() {
    for (zone, date, from, to) in DAYS {
        let (from, to) = (moment(from), moment(to));
        for (expires_at, left) in [(by_ms(to, -1), (1_000, 2)), (to, (1_000, 2))] {
            let town = Town::new(zone, date, from);
            let Command::PlaceHold(placed) = hold("A", "B", 600) else { panic!() };
            run(&town.bank, [Command::PlaceHold(Box::new(placed.with_expiry(expires_at)))]);
            town.left(400, 1);
            town.clock.set(expires_at);
            for _ in 0..2_000 {
                if block_on(town.bank.holds(number("A"))).unwrap().is_empty() {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            town.left(left.0, left.1);
            // For readers, a clock that went back shows the hold's day again, and then it counts.
            let held = ask(&town.bank, &hold("A", "B", 1_000));
            assert!(held.is_ok(), "{}: {held:?}", town.place);
            town.left(0, 1);
        }
    }
}
