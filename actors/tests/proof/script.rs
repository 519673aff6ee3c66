//! Random scripts of commands over a handful of accounts, few enough that everything interacts.

use jangbu_actors::command::{CashPosting, ChangeAccount, Command, OpenAccount, Sweep, Transfer};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, Change, Changes, CommandId, Currency, Details, Freeze, LimitException, OwnerId,
    Position, RecordPut,
};
use proptest::prelude::*;

use crate::orders::schedule_commands;
use crate::promises::{group_commands, hold_commands};
use crate::support::{code, currency, id, number, owner, won};

/// One step of a script.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A command with the step's own id.
    Do(Command),
    /// The command of an earlier step again.
    Again(prop::sample::Index),
    /// A command with the id of an earlier step's command.
    Reuse(prop::sample::Index, Command),
    /// The verifier decides about a waiting hold: whether it is settled.
    Verdict(prop::sample::Index, bool),
    /// The clock advances to the next hold's expiry, and a caller requests it.
    Expire,
    /// The clock moves by this many minutes, possibly backwards.
    Clock(i64),
    /// The bank is closed for this many minutes; for a bank in memory they just pass.
    Downtime(i64),
    /// The bank is closed and opened again; no effect for a bank in memory.
    Reopen,
}

const NUMBERS: [&str; 8] = ["A", "B", "C", "D", "E", "P", "CASH-KRW", "NONE"];
/// The placeholder id of every command until its step gives it one.
pub(crate) const NO_ID: u64 = u64::MAX;

fn account() -> impl Strategy<Value = AccountNumber> {
    prop_oneof![30 => 0..6usize, 1 => 6..8usize].prop_map(|index| number(NUMBERS[index]))
}

/// Mostly two compatible accounts.
pub(crate) fn pair() -> impl Strategy<Value = (AccountNumber, AccountNumber)> {
    let near = (0..4usize, 1..4usize).prop_map(|(from, by)| (number(NUMBERS[from]), number(NUMBERS[(from + by) % 4])));
    prop_oneof![5 => near, 1 => (account(), account())]
}

pub(crate) fn amounts() -> impl Strategy<Value = u64> {
    prop_oneof![2 => Just(0), 24 => 1..60u64, 16 => 60..400u64, 1 => Just(9_007_199_254_740_991)]
}

/// The largest fee that a sender accepts, if any.
pub(crate) fn most_fees() -> impl Strategy<Value = Option<Amount>> {
    prop::option::weighted(0.2, (0..8u64).prop_map(won))
}

/// The texts of an amount, which decide nothing and must be kept everywhere.
pub(crate) fn texts() -> impl Strategy<Value = Option<Box<Details>>> {
    let text = || prop::sample::select(&["", "rent", "집세"]).prop_map(str::to_owned);
    let metadata = prop::collection::vec((0..9u8, text()), 0..2)
        .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_string(), value)).collect());
    let details = (text(), text(), text(), metadata).prop_map(|(sender_label, receiver_label, reference, metadata)| {
        Box::new(Details { sender_label, receiver_label, reference, metadata })
    });
    prop::option::weighted(0.2, details)
}

fn limit() -> impl Strategy<Value = LimitException> {
    prop_oneof![
        Just(LimitException::Inherit),
        Just(LimitException::Unlimited),
        prop_oneof![Just(0), 1..500u64].prop_map(|units| LimitException::At(won(units))),
    ]
}

fn one_of<T: Clone + std::fmt::Debug + 'static>(
    all: &'static [&'static str],
    make: fn(&str) -> T,
) -> impl Strategy<Value = T> {
    prop::sample::select(all).prop_map(make)
}

fn owners() -> impl Strategy<Value = OwnerId> {
    one_of(&["ann", "bob"], owner)
}

fn currencies() -> impl Strategy<Value = Currency> {
    one_of(&["KRW", "USD", "POINTS"], currency)
}

fn several() -> impl Strategy<Value = Changes> {
    let frozen = (any::<bool>(), any::<bool>()).prop_map(|(debits, credits)| Freeze { debits, credits });
    let overdraft = (0..200u64).prop_map(won);
    let kind = one_of(&["basic", "std", "usd", "free", "none"], code);
    let (frozen, overdraft, kind) =
        (prop::option::weighted(0.2, frozen), prop::option::of(overdraft), prop::option::weighted(0.2, kind));
    (frozen, overdraft, prop::option::of(limit()), prop::option::of(limit()), kind).prop_map(
        |(frozen, overdraft, limit_per_transfer, limit_per_day, kind)| Changes {
            frozen,
            overdraft,
            limit_per_transfer,
            limit_per_day,
            kind,
        },
    )
}

fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<bool>(), any::<bool>()).prop_map(|(debits, credits)| Change::Freeze(Freeze { debits, credits })),
        4 => Just(Change::Freeze(Freeze::default())),
        2 => Just(Change::Close),
        4 => prop_oneof![Just(0), 0..200u64].prop_map(|units| Change::Overdraft(won(units))),
        2 => limit().prop_map(Change::LimitPerTransfer),
        2 => limit().prop_map(Change::LimitPerDay),
        2 => one_of(&["basic", "std", "usd", "free", "none"], code).prop_map(Change::Type),
        3 => several().prop_map(Change::Several),
    ]
}

fn account_types() -> impl Strategy<Value = AccountType> {
    let limits = || prop_oneof![Just(None), (50..600u64).prop_map(|units| Some(won(units)))];
    let names = prop::sample::select(&["a type", "another type"]);
    let codes = one_of(&["std", "usd", "free", "basic"], code);
    (codes, names, currencies(), 0..9u64, limits(), limits(), any::<bool>()).prop_map(
        |(code, name, currency, fee, limit_per_transfer, limit_per_day, same_owner_exempt)| AccountType {
            fee: won(fee),
            limit_per_transfer,
            limit_per_day,
            same_owner_exempt,
            ..AccountType::new(code, name, currency)
        },
    )
}

/// Commands of every kind whose decision depends only on accounts, holds and earlier movements.
pub(crate) fn account_commands() -> impl Strategy<Value = Command> {
    let cash = || {
        (account(), amounts(), texts()).prop_map(|(account, amount, details)| CashPosting {
            details,
            ..CashPosting::new(account, won(amount)).with_id(id(NO_ID))
        })
    };
    prop_oneof![
        24 => (pair(), amounts(), most_fees(), texts()).prop_map(|((from, to), amount, most_fee, details)| {
            let transfer = Transfer::new(from, to, won(amount)).with_id(id(NO_ID));
            Command::Transfer(Transfer { most_fee, details, ..transfer })
        }),
        3 => (pair(), amounts(), most_fees()).prop_map(|((from, to), amount, most_fee)| {
            let transfer = Transfer::at_most(from, to, won(amount)).with_id(id(NO_ID));
            Command::Transfer(Transfer { most_fee, ..transfer })
        }),
        24 => hold_commands(),
        8 => group_commands(),
        5 => cash().prop_map(Command::Deposit),
        3 => cash().prop_map(Command::Withdrawal),
        5 => (account(), changes()).prop_map(|(account, change)| {
            Command::ChangeAccount(Box::new(ChangeAccount { id: id(NO_ID), account, change }))
        }),
    ]
}

/// Commands of every kind.
fn commands() -> impl Strategy<Value = Command> {
    let kinds = prop::option::of(one_of(&["basic", "std", "usd", "none"], code));
    let numbers = one_of(&["A", "F", "G", "CASH-KRW", "FEES-NEW"], number);
    let open = (numbers, owners(), kinds, prop::option::of(currencies()), 0..100u64).prop_map(
        |(number, owner, kind, currency, overdraft)| OpenAccount {
            number: Some(number),
            kind,
            currency,
            overdraft: won(overdraft),
            ..OpenAccount::new(owner).with_id(id(NO_ID))
        },
    );
    let keys = prop::sample::subsequence(vec![("note", "x"), ("note", "y"), ("memo", "x")], 1..=2);
    let values = prop::option::of(prop::collection::vec(any::<u8>(), 0..3));
    let puts = (keys, prop::option::of(0..40u64), values).prop_map(|(keys, expected, value)| {
        let expected = expected.map(Position::new);
        let put = |(kind, key): (&str, &str)| RecordPut {
            kind: kind.into(),
            key: key.into(),
            value: value.clone(),
            expected,
        };
        keys.into_iter().map(put).collect::<Vec<_>>()
    });
    prop_oneof![
        30 => account_commands(),
        5 => schedule_commands(),
        2 => open.prop_map(|open| Command::OpenAccount(Box::new(open))),
        2 => account_types().prop_map(|account_type| Command::SetType { id: id(NO_ID), account_type: Box::new(account_type) }),
        2 => (owners(), 0..6u32).prop_map(|(owner, free_transfers_per_day)| {
            Command::SetOwner { id: id(NO_ID), owner: Box::new(owner), free_transfers_per_day }
        }),
        1 => (one_of(&["KRW", "JPY", "POINTS", "MILES"], currency), 0..3u8).prop_map(|(currency, scale)| {
            Command::AddCurrency { id: id(NO_ID), currency, scale }
        }),
        1 => puts.prop_map(|puts| Command::PutRecords { id: id(NO_ID), puts }),
    ]
}

/// Empties and closes an account, if nothing else prevents it.
fn closing() -> impl Strategy<Value = Vec<Step>> {
    pair().prop_map(|(account, against)| {
        let sweep = Command::Sweep(Box::new(Sweep::to_zero(account, against).with_id(id(NO_ID))));
        let close = ChangeAccount { id: id(NO_ID), account, change: Change::Close };
        vec![Step::Do(sweep), Step::Do(Command::ChangeAccount(Box::new(close)))]
    })
}

/// A script of up to about `longest` steps.
pub(crate) fn scripts(longest: usize) -> impl Strategy<Value = Vec<Step>> {
    let one = |step: Step| vec![step];
    let steps = prop_oneof![
        300 => commands().prop_map(Step::Do).prop_map(one),
        20 => any::<prop::sample::Index>().prop_map(Step::Again).prop_map(one),
        10 => (any::<prop::sample::Index>(), account_commands())
            .prop_map(|(index, command)| Step::Reuse(index, command)).prop_map(one),
        14 => (any::<prop::sample::Index>(), any::<bool>())
            .prop_map(|(index, approve)| Step::Verdict(index, approve)).prop_map(one),
        6 => Just(Step::Expire).prop_map(one),
        20 => (-1_500..3_000i64).prop_map(Step::Clock).prop_map(one),
        10 => (0..6_000i64).prop_map(Step::Downtime).prop_map(one),
        10 => Just(Step::Reopen).prop_map(one),
        1 => closing(),
    ];
    prop::collection::vec(steps, 1..longest).prop_map(|steps| steps.concat())
}

/// The beginning of every script: types with fees and limits, owners, accounts in three currencies with money.
pub(crate) fn beginning() -> Vec<Command> {
    let ordinary = AccountType {
        fee: won(5),
        limit_per_transfer: Some(won(300)),
        limit_per_day: Some(won(700)),
        ..AccountType::new(code("std"), "ordinary", Currency::krw())
    };
    let free = AccountType {
        same_owner_exempt: false,
        fee: won(2),
        ..AccountType::new(code("free"), "no exemption", Currency::krw())
    };
    let dollar = AccountType { fee: won(1), ..AccountType::new(code("usd"), "dollars", currency("USD")) };
    let open = |text: &str, name: &str, kind: &str, overdraft| {
        let open = OpenAccount::new(owner(name)).with_number(number(text)).with_type(code(kind));
        Command::OpenAccount(Box::new(open.with_overdraft(won(overdraft))))
    };
    let mut commands: Vec<Command> = [ordinary, free, dollar]
        .into_iter()
        .map(|account_type| Command::SetType { id: id(0), account_type: Box::new(account_type) })
        .collect();
    commands.push(Command::AddCurrency { id: id(0), currency: currency("POINTS"), scale: 1 });
    commands.extend([
        open("A", "ann", "std", 0),
        open("B", "ann", "std", 100),
        open("C", "bob", "std", 0),
        open("D", "bob", "free", 50),
        open("E", "ann", "usd", 0),
    ]);
    let points = OpenAccount::new(owner("bob")).with_number(number("P")).with_currency(currency("POINTS"));
    commands.push(Command::OpenAccount(Box::new(points)));
    commands.extend(["A", "B", "C", "E"].map(|text| Command::Deposit(CashPosting::new(number(text), won(900)))));
    commands.into_iter().enumerate().map(|(count, command)| with_id(command, id(1_000_000 + count as u64))).collect()
}

/// Returns the command with another id.
pub(crate) fn with_id(mut command: Command, new: CommandId) -> Command {
    match &mut command {
        Command::Transfer(Transfer { id, .. })
        | Command::Deposit(CashPosting { id, .. })
        | Command::Withdrawal(CashPosting { id, .. })
        | Command::SetType { id, .. }
        | Command::SetOwner { id, .. }
        | Command::AddCurrency { id, .. }
        | Command::PutRecords { id, .. }
        | Command::ExpireHold { id, .. } => *id = new,
        Command::OpenAccount(open) => open.id = new,
        Command::ChangeAccount(change) => change.id = new,
        Command::PlaceHold(hold) => hold.id = new,
        Command::SettleHold(settle) => settle.id = new,
        Command::VoidHold(void) => void.id = new,
        Command::AmendHold(amend) => amend.id = new,
        Command::Linked(linked) => linked.id = new,
        Command::Reverse(reverse) => reverse.id = new,
        Command::Sweep(sweep) => sweep.id = new,
        Command::SetSchedule(set) => set.id = new,
        Command::ChangeSchedule(change) => change.id = new,
        other => panic!("no script has {other:?}"),
    }
    command
}
