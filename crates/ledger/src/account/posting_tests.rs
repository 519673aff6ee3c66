//! The rules of debits and credits as tables: one line per case, with all figures.

use crate::{
    Account, AccountId, AccountNumber, AccountOpened, Amount, Balance, BusinessDate, Currency, Day, Event, Freeze,
    LimitException, MAX_MINOR_UNITS, OwnerId, Refusal, Role, Terms, Timestamp, TypeCode, apply, decide_credit,
    decide_debit,
};

const CAP: u64 = MAX_MINOR_UNITS;

fn won(amount: u64) -> Amount {
    Amount::new(amount).unwrap()
}

fn day(date: i32) -> BusinessDate {
    BusinessDate::from_days(date)
}

/// An account with the balance `posted` that may go down to −`overdraft`.
fn account(posted: i64, overdraft: u64) -> Account {
    let mut account = Account::open(&AccountOpened {
        account: AccountId::new(1),
        number: AccountNumber::new("1").unwrap(),
        owner: OwnerId::new("ann").unwrap(),
        kind: TypeCode::basic(),
        currency: Currency::krw(),
        role: Role::Customer,
        overdraft: won(overdraft),
        opened_at: Timestamp::from_ns(0),
    });
    account.posted = Balance::new(posted).unwrap();
    account
}

/// A transfer of `amount` on day 10 with a fee of 500 after 3 free ones, and no limits.
fn terms(amount: u64) -> Terms {
    Terms {
        amount: won(amount),
        at_most: false,
        most_fee: None,
        fee: won(500),
        free_transfers_per_day: 3,
        exempt: false,
        limited: true,
        limit_per_transfer: None,
        limit_per_day: None,
        date: day(10),
    }
}

fn poor(available: u64, needed: u64) -> Result<u64, Refusal> {
    Err(Refusal::InsufficientFunds { available: won(available), needed: won(needed) })
}

#[test]
fn funds() {
    //   posted, overdraft, amount, fee is due, what comes of it: the fee, or the refusal
    let table = [
        (100, 0, 100, false, Ok(0)),
        (100, 0, 101, false, poor(100, 101)),
        (600, 0, 100, true, Ok(500)),
        (599, 0, 100, true, poor(599, 600)),
        (0, 0, 1, false, poor(0, 1)),
        (0, 50, 50, false, Ok(0)),
        (-50, 50, 1, false, poor(0, 1)),
        (-60, 50, 1, false, poor(0, 1)),
        (CAP as i64, CAP, CAP, true, poor(CAP, CAP)),
        (CAP as i64, 0, CAP, false, Ok(0)),
    ];
    for (posted, overdraft, amount, due, expected) in table {
        let mut sender = account(posted, overdraft);
        sender.day = Day { date: day(10), sent: 0, counted_transfers: if due { 3 } else { 0 } };
        let decided = decide_debit(&sender, &terms(amount)).map(|debited| debited.fee.minor_units());
        assert_eq!(decided, expected, "{amount} from {posted} with an overdraft of {overdraft}, fee due: {due}");
    }
}

#[test]
fn fees_and_free_transfers() {
    //   day of the account, counted, quota, exempt: the fee, and whether it counts
    let table = [
        (10, 0, 3, false, 0, true),
        (10, 2, 3, false, 0, true),
        (10, 3, 3, false, 500, true),
        (10, 4, 5, false, 0, true),
        (10, 0, 0, false, 500, true),
        (10, 9, 3, true, 0, false),
        // Yesterday's transfers are forgotten. A clock that goes back does not bring yesterday back.
        (9, 3, 3, false, 0, true),
        (11, 3, 3, false, 500, true),
    ];
    for (date, counted_transfers, free_transfers_per_day, exempt, fee, counted) in table {
        let mut sender = account(10_000, 0);
        sender.day = Day { date: day(date), sent: 0, counted_transfers };
        let debited = decide_debit(&sender, &Terms { free_transfers_per_day, exempt, ..terms(1) }).unwrap();
        let found = (debited.fee.minor_units(), debited.counted, debited.date);
        assert_eq!(
            found,
            (fee, counted, day(date.max(10))),
            "day {date}, {counted_transfers} of {free_transfers_per_day}"
        );
    }
}

#[test]
fn limits() {
    use LimitException::{At, Inherit, Unlimited};
    let per_transfer =
        |limit: u64, requested: u64| Some(Refusal::LimitPerTransfer { limit: won(limit), requested: won(requested) });
    let per_day = |limit: u64, used: u64, requested: u64| {
        Some(Refusal::LimitPerDay { limit: won(limit), used: won(used), requested: won(requested) })
    };
    //   type's limits (transfer, day), the account's own, sent today, amount: the refusal
    let table = [
        ((Some(100), None), (Inherit, Inherit), 0, 100, None),
        ((Some(100), None), (Inherit, Inherit), 0, 101, per_transfer(100, 101)),
        ((Some(100), None), (At(won(200)), Inherit), 0, 200, None),
        ((Some(100), None), (At(won(0)), Inherit), 0, 1, per_transfer(0, 1)),
        ((Some(100), None), (Unlimited, Inherit), 0, 900, None),
        ((None, Some(100)), (Inherit, Inherit), 60, 40, None),
        ((None, Some(100)), (Inherit, Inherit), 60, 41, per_day(100, 60, 41)),
        ((None, Some(100)), (Inherit, At(won(0))), 0, 1, per_day(0, 0, 1)),
        ((None, Some(100)), (Inherit, Unlimited), 60, 900, None),
        ((None, Some(100)), (Inherit, At(won(50))), 60, 1, per_day(50, 60, 1)),
        ((Some(10), Some(10)), (Inherit, Inherit), 10, 11, per_transfer(10, 11)),
        ((None, None), (Inherit, Inherit), CAP * 2, 900, None),
        ((None, None), (Inherit, Inherit), u64::MAX, 1, per_day(CAP, CAP, 1)),
    ];
    for ((transfer, a_day), (own_transfer, own_day), sent, amount, expected) in table {
        let mut sender = account(1_000, 0);
        (sender.limit_per_transfer, sender.limit_per_day) = (own_transfer, own_day);
        sender.day = Day { date: day(10), sent, counted_transfers: 0 };
        let terms = Terms { limit_per_transfer: transfer.map(won), limit_per_day: a_day.map(won), ..terms(amount) };
        assert_eq!(decide_debit(&sender, &terms).err(), expected, "{amount} after {sent}");
        // Cash at the counter has no limit.
        let cash = Terms { limited: false, exempt: true, ..terms };
        assert_eq!(decide_debit(&sender, &cash).err(), None, "{amount} in cash");
    }
}

#[test]
fn credits_and_caps() {
    let full = CAP as i64;
    let number = AccountNumber::new("1").unwrap();
    let currency = Currency::krw();
    let limit = |posted| Err(Refusal::BalanceLimit { number, posted: Balance::new(posted).unwrap() });
    //   role, posted, amount: what comes of it
    let table = [
        (Role::Customer, 0, CAP, Ok(())),
        (Role::Customer, 1, CAP, limit(1)),
        (Role::Customer, full, 1, limit(full)),
        (Role::Customer, -1, CAP, Ok(())),
        (Role::Cash, full, 1, Err(Refusal::CurrencyLimit { currency })),
        (Role::Fees, full, 1, Err(Refusal::CurrencyLimit { currency })),
        (Role::Fees, full - 1, 1, Ok(())),
    ];
    for (role, posted, amount, expected) in table {
        let mut receiver = account(posted, 0);
        receiver.role = role;
        assert_eq!(decide_credit(&receiver, won(amount)), expected, "{amount} to {role:?} at {posted}");
    }
    let mut cash = account(-full, 0);
    cash.role = Role::Cash;
    assert_eq!(decide_debit(&cash, &terms(1)), Err(Refusal::CurrencyLimit { currency }), "cash owes all it can");
}

#[test]
fn closed_and_frozen_accounts_refuse_before_anything_else() {
    let number = AccountNumber::new("1").unwrap();
    let frozen = |debits, credits| Freeze { debits, credits };
    //   frozen, closed: the debit, the credit
    let (is_closed, is_frozen) = (Refusal::AccountClosed { number }, Refusal::AccountFrozen { number });
    let table = [
        (frozen(false, false), false, None, None),
        (frozen(true, false), false, Some(&is_frozen), None),
        (frozen(false, true), false, None, Some(&is_frozen)),
        (frozen(true, true), true, Some(&is_closed), Some(&is_closed)),
    ];
    for (frozen, closed, debit, credit) in table {
        let mut account = account(10, 0);
        (account.frozen, account.closed) = (frozen, closed);
        assert_eq!(decide_debit(&account, &terms(1)).err().as_ref(), debit, "{frozen:?}, closed: {closed}");
        assert_eq!(decide_credit(&account, won(1)).err().as_ref(), credit, "{frozen:?}, closed: {closed}");
    }
}

#[test]
fn an_event_that_no_rule_leads_to_changes_nothing() {
    let mut full = account(CAP as i64, 0);
    let before = full.clone();
    assert!(apply(&mut full, Event::Credited(won(1))).is_err());
    assert_eq!(full, before);
}
