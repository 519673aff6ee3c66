//! The clients' commands.

use jangbu_actors::command::{CashPosting, Command, OpenAccount, Transfer};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, CommandId, Currency, MAX_MINOR_UNITS, OwnerId, TypeCode,
};
use jangbu_sim::World;

use crate::large::large;
use crate::notes::Notes;
use crate::{bounds, promises, registry, texts, times};

/// Accounts that exist from the beginning, which most commands concern.
const ACCOUNTS: u64 = 6;
/// Numbers that are opened and closed again and again.
const VISITORS: u64 = 3;
/// Accounts in a currency of the bank's own, with amounts of the largest possible size.
const FOREIGNERS: u64 = 2;

/// Creates a command of one kind.
type Kind = fn(&World, &Notes, CommandId) -> Command;

/// The kinds of commands, and how often each is drawn. A new kind of command gets a line here.
const KINDS: [(u64, Kind); 28] = [
    (40, transfer),
    (12, deposit),
    (8, withdrawal),
    (4, registry::open),
    (4, registry::close),
    (4, registry::freeze),
    (4, registry::terms),
    (2, registry::account_type),
    (2, registry::owner),
    (1, registry::currency),
    (4, registry::put),
    (6, promises::at_most),
    (20, promises::place),
    (14, promises::settle),
    (5, promises::void),
    (5, promises::amend),
    (2, promises::expire),
    (8, promises::linked),
    (4, promises::disjoint),
    (4, promises::reverse),
    (3, promises::reverse_step),
    (3, promises::take_back),
    (1, promises::repair),
    (3, promises::sweep),
    (5, times::set_schedule),
    (3, times::change_schedule),
    (1, bounds::at_a_limit),
    (2, large),
];

/// The commands that come first, whatever the seed.
pub(crate) fn setup() -> Vec<Command> {
    let id = |what: &str| CommandId::derived(format!("setup {what}").as_bytes());
    let mut dear = AccountType::new(code("dear"), "dear", Currency::krw());
    dear.fee = amount(7);
    dear.limit_per_transfer = Some(amount(400));
    dear.limit_per_day = Some(amount(1_000));
    let mut commands = vec![
        Command::SetType { id: id("type"), account_type: Box::new(dear) },
        Command::AddCurrency { id: id("currency"), currency: points(), scale: 2 },
    ];
    for n in 0..ACCOUNTS {
        let mut open = OpenAccount::new(client(n)).with_number(account(n)).with_id(id(&format!("open {n}")));
        if n % 2 == 0 {
            open = open.with_type(code("dear"));
        }
        if n % 3 == 0 {
            open = open.with_overdraft(amount(50));
        }
        commands.push(Command::OpenAccount(Box::new(open)));
    }
    for n in 0..FOREIGNERS {
        let open = OpenAccount::new(client(n)).with_number(foreigner(n)).with_currency(points());
        // So that one account can have the maximum, and the other can pay it more.
        let open = open.with_overdraft(amount(500));
        commands.push(Command::OpenAccount(Box::new(open.with_id(id(&format!("open foreigner {n}"))))));
    }
    for n in 0..ACCOUNTS {
        let cash = CashPosting::new(account(n), amount(300)).with_id(id(&format!("deposit {n}")));
        commands.push(Command::Deposit(cash));
    }
    commands
}

/// Draws a command.
pub(crate) fn draw(world: &World, notes: &Notes) -> Command {
    let id = match world.below(3) {
        // The client's own key, which contains no time, or a usual id.
        0 => CommandId::derived(&world.random().to_le_bytes()),
        _ => CommandId::random(),
    };
    let total: u64 = KINDS.iter().map(|(often, _)| often).sum();
    let mut at = world.below(total);
    for (often, kind) in KINDS {
        if at < often {
            return kind(world, notes, id);
        }
        at -= often;
    }
    transfer(world, notes, id)
}

fn transfer(world: &World, _: &Notes, id: CommandId) -> Command {
    let ((from, to), amount) = (any_pair(world), any_amount(world));
    let most_fee = any_most_fee(world);
    let transfer = Transfer::new(from, to, amount).with_id(id);
    Command::Transfer(Transfer { most_fee, details: texts::details(world), ..transfer })
}

fn deposit(world: &World, _: &Notes, id: CommandId) -> Command {
    Command::Deposit(cash(world, id))
}

fn withdrawal(world: &World, _: &Notes, id: CommandId) -> Command {
    Command::Withdrawal(cash(world, id))
}

fn cash(world: &World, id: CommandId) -> CashPosting {
    let (account, amount) = match world.below(8) {
        // An amount that no balance can contain twice.
        0 => (foreigner(world.below(FOREIGNERS)), amount(MAX_MINOR_UNITS - world.below(2))),
        _ => (any_account(world), any_amount(world)),
    };
    CashPosting { details: texts::details(world), ..CashPosting::new(account, amount).with_id(id) }
}

/// Sender and receiver: mostly two compatible accounts.
pub(crate) fn any_pair(world: &World) -> (AccountNumber, AccountNumber) {
    if world.below(24) == 0 {
        return (foreigner(world.below(FOREIGNERS)), foreigner(world.below(FOREIGNERS)));
    }
    let (from, mut to) = (any_account(world), any_account(world));
    if to == from && world.below(8) > 0 {
        to = account(world.below(ACCOUNTS));
    }
    (from, to)
}

pub(crate) fn any_account(world: &World) -> AccountNumber {
    match world.below(36) {
        0..3 => any_visitor(world),
        3 => foreigner(world.below(FOREIGNERS)),
        4 => [number("CASH-KRW"), number("FEES-KRW"), number("NOBODY")][usize::try_from(world.below(3)).unwrap()],
        // One account is part of many commands, so that undecided debits accumulate there.
        5..=15 => account(0),
        _ => account(world.below(ACCOUNTS)),
    }
}

pub(crate) fn any_visitor(world: &World) -> AccountNumber {
    number(&format!("V{}", world.below(VISITORS)))
}

pub(crate) fn any_amount(world: &World) -> Amount {
    match world.below(60) {
        0 => amount(MAX_MINOR_UNITS),
        1..=12 => amount(world.below(600)),
        _ => amount(world.below(120)),
    }
}

/// The largest fee that a sender accepts, if any: more than any fee, less, or exactly that.
pub(crate) fn any_most_fee(world: &World) -> Option<Amount> {
    (world.below(4) == 0).then(|| amount(world.below(10)))
}

pub(crate) fn any_client(world: &World) -> OwnerId {
    client(world.below(3))
}

pub(crate) fn account(n: u64) -> AccountNumber {
    number(&format!("A{n}"))
}

fn foreigner(n: u64) -> AccountNumber {
    number(&format!("P{n}"))
}

fn client(n: u64) -> OwnerId {
    OwnerId::new(&format!("client{}", n % 3)).unwrap()
}

pub(crate) fn number(text: &str) -> AccountNumber {
    AccountNumber::new(text).unwrap()
}

pub(crate) fn code(text: &str) -> TypeCode {
    TypeCode::new(text).unwrap()
}

/// A currency of the bank's own.
pub(crate) fn points() -> Currency {
    Currency::new("POINTS").unwrap()
}

pub(crate) fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).unwrap()
}
