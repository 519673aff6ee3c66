//! The clients' commands about the bank's registry: accounts, their terms, types, owners, currencies, application
//! records.

use jangbu_actors::command::{ChangeAccount, Command, OpenAccount};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, Change, Changes, CommandId, Currency, Freeze, LimitException, Position,
    RecordPut,
};
use jangbu_sim::World;

use crate::notes::Notes;
use crate::workload::{amount, any_account, any_amount, any_client, any_visitor, code, number};

/// Currencies: of ISO 4217, of the bank's own from the beginning, and some that are added later.
const CURRENCIES: [&str; 8] = ["KRW", "USD", "EUR", "JPY", "POINTS", "MILES", "STARS", "GRAINS"];

/// Account types: the built-in one, one from the beginning, and some that are created along the way.
const TYPES: [&str; 5] = ["basic", "dear", "plain", "dollars", "nothing"];

fn any_of(world: &World, all: &[&'static str]) -> &'static str {
    all[usize::try_from(world.below(all.len() as u64)).unwrap()]
}

fn any_currency(world: &World) -> Currency {
    Currency::new(any_of(world, &CURRENCIES)).unwrap()
}

pub(crate) fn open(world: &World, _: &Notes, id: CommandId) -> Command {
    let mut open = OpenAccount::new(any_client(world)).with_id(id);
    open = match world.below(12) {
        0..3 => open,
        3 => open.with_number(number("CASH-POT")),
        4 => open.with_number(any_account(world)),
        _ => open.with_number(any_visitor(world)),
    };
    if world.below(4) == 0 {
        open = open.with_type(code(any_of(world, &TYPES)));
    }
    if world.below(4) == 0 {
        open = open.with_currency(any_currency(world));
    }
    if world.below(4) == 0 {
        open = open.with_overdraft(any_amount(world));
    }
    Command::OpenAccount(Box::new(open))
}

pub(crate) fn close(world: &World, _: &Notes, id: CommandId) -> Command {
    // A busy account is occasionally closed, if it happens to be empty.
    let account = if world.below(4) == 0 { any_account(world) } else { any_visitor(world) };
    change(account, Change::Close, id)
}

pub(crate) fn freeze(world: &World, _: &Notes, id: CommandId) -> Command {
    let freeze = Freeze { debits: world.below(4) == 0, credits: world.below(4) == 0 };
    change(any_account(world), Change::Freeze(freeze), id)
}

fn any_limit(world: &World) -> LimitException {
    match world.below(3) {
        0 => LimitException::Inherit,
        1 => LimitException::At(any_amount(world)),
        _ => LimitException::Unlimited,
    }
}

pub(crate) fn terms(world: &World, _: &Notes, id: CommandId) -> Command {
    let limit = any_limit(world);
    let terms = match world.below(6) {
        0 => Change::LimitPerDay(limit),
        1 => Change::LimitPerTransfer(limit),
        2 | 3 => Change::Overdraft(amount(world.below(100))),
        4 => Change::Several(Changes {
            frozen: (world.below(2) == 0).then(|| Freeze { debits: world.below(8) == 0, credits: world.below(8) == 0 }),
            overdraft: (world.below(2) == 0).then(|| amount(world.below(100))),
            limit_per_transfer: (world.below(2) == 0).then(|| any_limit(world)),
            limit_per_day: (world.below(2) == 0).then_some(limit),
            kind: (world.below(2) == 0).then(|| code(any_of(world, &TYPES))),
        }),
        _ => Change::Type(code(any_of(world, &TYPES))),
    };
    change(any_account(world), terms, id)
}

pub(crate) fn account_type(world: &World, _: &Notes, id: CommandId) -> Command {
    let limit = || (world.below(2) == 0).then(|| any_amount(world)).filter(|limit| *limit < amount(1_000));
    let code = code(any_of(world, &TYPES[..4]));
    let currency = match world.below(4) {
        0 => any_currency(world),
        _ if code.as_str() == "dollars" => Currency::new("USD").unwrap(),
        _ => Currency::krw(),
    };
    let account_type = AccountType {
        fee: Amount::new(world.below(9)).unwrap(),
        limit_per_transfer: limit(),
        limit_per_day: limit(),
        same_owner_exempt: world.below(2) == 0,
        ..AccountType::new(code, any_of(world, &["a type", "another type"]), currency)
    };
    Command::SetType { id, account_type: Box::new(account_type) }
}

pub(crate) fn owner(world: &World, _: &Notes, id: CommandId) -> Command {
    let free_transfers_per_day = u32::try_from(world.below(6)).unwrap();
    Command::SetOwner { id, owner: Box::new(any_client(world)), free_transfers_per_day }
}

pub(crate) fn currency(world: &World, _: &Notes, id: CommandId) -> Command {
    Command::AddCurrency { id, currency: any_currency(world), scale: u8::try_from(world.below(4)).unwrap() }
}

pub(crate) fn put(world: &World, notes: &Notes, id: CommandId) -> Command {
    let put = |key: u64| {
        let (kind, key) = (any_of(world, &["note", "memo"]), format!("k{key}"));
        let expected = match world.below(4) {
            0 => Some(Position::START),
            1 => Some(latest(notes, kind, &key)),
            _ => None,
        };
        let value = (world.below(4) > 0).then(|| world.random().to_le_bytes().to_vec());
        RecordPut { kind: kind.into(), key, value, expected }
    };
    let first = world.below(3);
    let puts = (first..=first + world.below(2)).map(put).collect();
    Command::PutRecords { id, puts }
}

/// Returns the version of a record according to all answers, which is outdated if somebody else writes it now.
fn latest(notes: &Notes, kind: &str, key: &str) -> Position {
    let wrote = |command: &Command| matches!(command, Command::PutRecords { puts, .. } if puts.iter().any(|put| put.kind == kind && put.key == key));
    let told = |command: &Command| Some(notes.told.get(&command.id())?.as_ref().ok()?.position());
    notes.asked.iter().filter(|command| wrote(command)).filter_map(told).max().unwrap_or(Position::START)
}

fn change(account: AccountNumber, change: Change, id: CommandId) -> Command {
    Command::ChangeAccount(Box::new(ChangeAccount { id, account, change }))
}
