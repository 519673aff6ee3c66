//! Openings of accounts, and of the bank's own with a new currency: decided at the seat of the account's number, which the
//! command has to itself.

use jangbu_books::open_hold::LoadedAccount;
use smallvec::smallvec;

use super::appender::Draft;
use super::effects::{Effect, Effects};
use super::flights::{Flow, Request};
use super::next::{Next, Rest};
use super::queues::Standing;
use super::registry::CurrencyEntry;
use super::seats::{Need, Occupant, SeatState};
use super::tables::Tables;
use crate::account::SeatIndex;
use crate::command::{Command, OpenAccount};
use crate::ledger::{
    Account, AccountId, AccountNumber, AccountOpened, Amount, Balance, Body, CommandId, ContentHash, Currency, Link,
    OwnerId, Position, Refusal, Role, TypeCode,
};
use crate::plant::{Bug, is_planted};

/// The ids and numbers of accounts to come.
pub(super) struct Numbers {
    next_account: AccountId,
    /// The sequence from which the next account number is generated.
    next_number: u64,
}

impl Numbers {
    pub(super) const fn from(next_account: AccountId) -> Numbers {
        Numbers { next_account, next_number: next_account.get() }
    }

    fn account(&mut self) -> AccountId {
        let account = self.next_account;
        self.next_account = account.next();
        account
    }

    fn number(&mut self) -> AccountNumber {
        let number = AccountNumber::generated(self.next_number);
        self.next_number = self.next_number.saturating_add(1);
        number
    }
}

/// Opens an account at its number, or at one that is generated, as soon as the command has that to itself.
pub(super) fn begin(request: &mut Request, flow: &mut Flow, tables: &mut Tables, effects: &mut Effects) -> Next {
    let Command::OpenAccount(open) = &request.command else {
        return Next::Broken("a command that opens no account was taken for one that does");
    };
    let number = match (&*flow, open.number) {
        (Flow::Opening(number), _) => *number,
        (_, Some(number)) if number.is_reserved() => {
            // The bank's own accounts are always active.
            let exists = tables.seats.find(&number).is_some_and(|index| tables.seats.active(index).is_some());
            let refusal = if exists { Refusal::AccountExists { number } } else { Refusal::NumberReserved { number } };
            return Next::refused(refusal);
        }
        (_, Some(number)) => number,
        (_, None) => tables.numbers.number(),
    };
    *flow = Flow::Opening(number);
    match tables.seats.standing(&number, Need::Alone, request.ticket) {
        Standing::Waits => Next::Queue(smallvec![(number, Need::Alone)]),
        Standing::Ready(_) if open.number.is_some() => Next::refused(Refusal::AccountExists { number }),
        Standing::Ready(_) => {
            // Somebody chose the number that was generated: the next one.
            *flow = Flow::Admitted;
            Next::Again
        }
        Standing::Vacant => {
            let open = open.clone();
            decide(number, &open, request, tables, effects)
        }
    }
}

/// Decides an opening at a number that no account has.
fn decide(
    number: AccountNumber,
    open: &OpenAccount,
    request: &Request,
    tables: &mut Tables,
    effects: &mut Effects,
) -> Next {
    let Some(seat) = tables.seats.find(&number) else { return Next::Broken("an account is opened without a seat") };
    let (currency, added) = match terms(open, tables, effects) {
        Ok(terms) => terms,
        Err(refusal) => return Next::refused(refusal),
    };
    let kind = open.kind.unwrap_or_else(TypeCode::basic);
    let opened = opened(number, open.owner, kind, currency, Role::Customer, open.overdraft, tables);
    let first = Link { previous: Position::START, balance: Balance::ZERO };
    let position = tables.append(request, Body::AccountOpened(Box::new(opened.clone())), smallvec![first]);
    settle_in(seat, &opened, position, tables, effects);
    Next::Landed(added.map_or(Rest::Nothing, Rest::Seats))
}

/// The currency of an account to open, which is added to the bank when it is new and in ISO 4217; with the seats of the bank's
/// own accounts, if so.
fn terms(
    open: &OpenAccount,
    tables: &mut Tables,
    effects: &mut Effects,
) -> Result<(Currency, Option<[SeatIndex; 2]>), Refusal> {
    let code = open.kind.unwrap_or_else(TypeCode::basic);
    let type_currency = tables.registry.type_of(&code).ok_or(Refusal::TypeUnknown { code })?.currency;
    let currency = open.currency.or(type_currency).unwrap_or_else(Currency::krw);
    if type_currency.is_some_and(|of_type| of_type != currency) {
        return Err(Refusal::TypeCurrency { code, currency });
    }
    if tables.registry.currency_index(currency).is_some() {
        return Ok((currency, None));
    }
    let scale = currency.iso_scale().ok_or(Refusal::CurrencyUnknown { currency })?;
    let seats = add_currency(currency, scale, None, tables, effects)?;
    Ok((currency, Some(seats)))
}

/// The facts of a new account, with the next id.
fn opened(
    number: AccountNumber,
    owner: OwnerId,
    kind: TypeCode,
    currency: Currency,
    role: Role,
    overdraft: Amount,
    tables: &mut Tables,
) -> AccountOpened {
    let account = tables.numbers.account();
    AccountOpened { account, number, owner, kind, currency, role, overdraft, opened_at: tables.now }
}

/// Brings an account to life that was opened by the record at `position`.
fn settle_in(seat: SeatIndex, opened: &AccountOpened, position: Position, tables: &mut Tables, effects: &mut Effects) {
    let mut account = Account::open(opened);
    account.last = position;
    activate_new(seat, account, tables, effects);
}

/// Opens the bank's own accounts of a currency, which thereby belongs to the bank. Returns their seats.
///
/// The record bears the id of the command that asked for it; one that only needed it leaves its own id to its own record.
pub(super) fn add_currency(
    currency: Currency,
    scale: u8,
    asked: Option<&Request>,
    tables: &mut Tables,
    effects: &mut Effects,
) -> Result<[SeatIndex; 2], Refusal> {
    if !tables.registry.has_room_for_currencies() {
        return Err(Refusal::TooMany { most: u32::from(u16::MAX) });
    }
    let mut own = |role, prefix| {
        let number = AccountNumber::system(prefix, currency.as_str());
        opened(number, OwnerId::bank(), TypeCode::basic(), currency, role, Amount::ZERO, tables)
    };
    let (cash, fees) = (own(Role::Cash, "CASH"), own(Role::Fees, "FEES"));
    let position = tables.appender.next();
    let link = Link { previous: Position::START, balance: Balance::ZERO };
    let draft = Draft {
        decided_at: asked.map_or(tables.now, |request| request.decided_at),
        date: tables.today(),
        id: asked.map_or_else(CommandId::random, |request| request.command.id()),
        content: asked.map_or_else(|| ContentHash::of(&[]), |request| request.content),
        body: Body::CurrencyAdded { currency, scale, accounts: Box::new([cash.clone(), fees.clone()]) },
        links: std::iter::repeat_n(link, 2).collect(),
    };
    tables.appender.push(tables.now, draft);
    let [cash, fees] = [cash, fees].map(|opened| {
        let mut account = Account::open(&opened);
        account.last = position;
        account
    });
    Ok(seat_currency(currency, scale, [cash, fees], tables, effects))
}

/// Makes the bank's own accounts of a currency active, cash and fees, which they stay. Returns their seats.
///
/// A command that names one of them may have been waiting since before there was the currency: the account takes the seat at
/// which it waits.
pub(super) fn seat_currency(
    currency: Currency,
    scale: u8,
    own: [Account; 2],
    tables: &mut Tables,
    effects: &mut Effects,
) -> [SeatIndex; 2] {
    let seats = own.each_ref().map(|account| {
        let waiting = tables.seats.find(&account.number).filter(|_| !is_planted(Bug::TwoSeats));
        waiting.unwrap_or_else(|| tables.seats.add(account.number, SeatState::Loading))
    });
    let ([cash, fees], [cash_seat, fees_seat]) = (own, seats);
    tables.registry.add_currency(CurrencyEntry {
        currency,
        scale,
        cash: cash_seat,
        fees: fees_seat,
        fees_under_way: Amount::ZERO,
        fees_held: fees.pending_in,
    });
    activate_new(cash_seat, cash, tables, effects);
    activate_new(fees_seat, fees, tables, effects);
    seats
}

/// Starts the actor of an account without open holds.
fn activate_new(seat: SeatIndex, account: Account, tables: &mut Tables, effects: &mut Effects) {
    activate(seat, Box::new(LoadedAccount { account, holds: Vec::new() }), tables, effects);
}

/// Starts the actor of an account.
pub(super) fn activate(seat: SeatIndex, loaded: Box<LoadedAccount>, tables: &mut Tables, effects: &mut Effects) {
    let account = &loaded.account;
    let registry = &mut tables.registry;
    let (Some(kind), Some(currency)) = (registry.type_index(&account.kind), registry.currency_index(account.currency))
    else {
        return effects.stop("an account has a type or a currency that the bank does not");
    };
    let occupant = Occupant {
        id: account.id,
        owner: registry.seat_owner(account.owner),
        kind,
        currency,
        last: account.last,
        balance: account.posted,
        version: account.version,
        system: account.role.is_system(),
        closed: account.closed,
        retiring: false,
        free_transfers_per_day: registry.free_transfers_per_day(&account.owner),
        undecided: 0,
        has_waiting: false,
    };
    effects.push(Effect::Start { seat, account: loaded });
    if let Some(seat) = tables.seats.get_mut(seat) {
        seat.state = SeatState::Active(occupant);
    }
}
