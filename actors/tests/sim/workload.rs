//! What clients ask for.

use jangbu_actors::command::{CashPosting, ChangeAccount, Command, OpenAccount, Transfer};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, Change, CommandId, Currency, Freeze, LimitException, OwnerId, RecordPut,
    TypeCode,
};
use jangbu_actors::sim::World;

use crate::notes::Notes;
use crate::promises;

/// Accounts that are there from the beginning, and that most commands are about.
const ACCOUNTS: u64 = 6;
/// Numbers that are opened and closed again and again.
const VISITORS: u64 = 3;

/// Makes a command of one kind.
type Kind = fn(&World, &Notes, CommandId) -> Command;

/// The kinds of commands, and how often each is drawn. A new kind of command gets a line here.
const KINDS: [(u64, Kind); 19] = [
    (40, transfer),
    (12, deposit),
    (8, withdrawal),
    (4, open),
    (4, close),
    (4, freeze),
    (3, limit),
    (2, owner),
    (3, put),
    (6, promises::at_most),
    (20, promises::place),
    (14, promises::settle),
    (5, promises::void),
    (5, promises::amend),
    (8, promises::linked),
    (6, promises::reverse),
    (3, promises::sweep),
    (5, promises::set_schedule),
    (3, promises::change_schedule),
];

/// The commands that come first, whatever the seed.
pub(crate) fn setup() -> Vec<Command> {
    let id = |what: &str| CommandId::derived(format!("setup {what}").as_bytes());
    let mut dear = AccountType::new(TypeCode::new("dear").unwrap(), "dear", Currency::krw());
    dear.fee = amount(7);
    dear.limit_per_transfer = Some(amount(400));
    dear.limit_per_day = Some(amount(1_000));
    let mut commands = vec![Command::SetType { id: id("type"), account_type: Box::new(dear) }];
    for n in 0..ACCOUNTS {
        let mut open = OpenAccount::new(client(n)).with_number(account(n)).with_id(id(&format!("open {n}")));
        if n % 2 == 0 {
            open = open.with_type(TypeCode::new("dear").unwrap());
        }
        if n % 3 == 0 {
            open = open.with_overdraft(amount(50));
        }
        commands.push(Command::OpenAccount(Box::new(open)));
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
        // A key of the client's own, which tells no time, or a usual id.
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
    let (from, mut to) = (any_account(world), any_account(world));
    if to == from && world.below(8) > 0 {
        to = account(world.below(ACCOUNTS));
    }
    Command::Transfer(Transfer::new(from, to, any_amount(world)).with_id(id))
}

fn deposit(world: &World, _: &Notes, id: CommandId) -> Command {
    Command::Deposit(CashPosting::new(any_account(world), any_amount(world)).with_id(id))
}

fn withdrawal(world: &World, _: &Notes, id: CommandId) -> Command {
    Command::Withdrawal(CashPosting::new(any_account(world), any_amount(world)).with_id(id))
}

fn open(world: &World, _: &Notes, id: CommandId) -> Command {
    let n = world.below(VISITORS);
    let mut open = OpenAccount::new(client(n)).with_id(id);
    if world.below(4) > 0 {
        open = open.with_number(visitor(n));
    }
    Command::OpenAccount(Box::new(open))
}

fn close(world: &World, _: &Notes, id: CommandId) -> Command {
    change(visitor(world.below(VISITORS)), Change::Close, id)
}

fn freeze(world: &World, _: &Notes, id: CommandId) -> Command {
    let freeze = Freeze { debits: world.below(4) == 0, credits: world.below(4) == 0 };
    change(any_account(world), Change::Freeze(freeze), id)
}

fn limit(world: &World, _: &Notes, id: CommandId) -> Command {
    let limit = match world.below(3) {
        0 => LimitException::Inherit,
        1 => LimitException::At(any_amount(world)),
        _ => LimitException::Unlimited,
    };
    change(any_account(world), Change::LimitPerDay(limit), id)
}

fn owner(world: &World, _: &Notes, id: CommandId) -> Command {
    let free_transfers_per_day = u32::try_from(world.below(6)).unwrap();
    Command::SetOwner { id, owner: Box::new(client(world.below(3))), free_transfers_per_day }
}

fn put(world: &World, _: &Notes, id: CommandId) -> Command {
    let expected = (world.below(3) == 0).then(Default::default);
    let value = (world.below(4) > 0).then(|| world.random().to_le_bytes().to_vec());
    let key = format!("k{}", world.below(3));
    Command::PutRecords { id, puts: vec![RecordPut { kind: "note".into(), key, value, expected }] }
}

fn change(account: AccountNumber, change: Change, id: CommandId) -> Command {
    Command::ChangeAccount(Box::new(ChangeAccount { id, account, change }))
}

pub(crate) fn any_account(world: &World) -> AccountNumber {
    match world.below(12) {
        0 => visitor(world.below(VISITORS)),
        // One account takes part in much: what is undecided piles up there.
        1..=4 => account(0),
        _ => account(world.below(ACCOUNTS)),
    }
}

pub(crate) fn any_amount(world: &World) -> Amount {
    amount(world.below(if world.below(5) == 0 { 600 } else { 120 }))
}

fn account(n: u64) -> AccountNumber {
    AccountNumber::new(&format!("A{n}")).unwrap()
}

fn visitor(n: u64) -> AccountNumber {
    AccountNumber::new(&format!("V{n}")).unwrap()
}

fn client(n: u64) -> OwnerId {
    OwnerId::new(&format!("client{}", n % 3)).unwrap()
}

fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).unwrap()
}
