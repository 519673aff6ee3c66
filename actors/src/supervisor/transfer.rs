//! Transfers, cash and the placing of holds: to the sender's account, to the receiver's, into the journal.
//!
//! | state | what is waited for | what comes next |
//! | --- | --- | --- |
//! | `Debiting` | the sender grants or refuses | `Crediting`, or a refusal that is recorded |
//! | `Crediting` | the receiver takes it or refuses | the record, or a refund and a refusal that is recorded |

use smallvec::smallvec;

use super::effects::Effects;
use super::flights::{Flow, Request};
use super::next::{Next, Rest, send};
use super::open_holds::OpenHold;
use super::queues::{Needs, Standing};
use super::seats::Need;
use super::tables::{Tables, Tied};
use crate::account::{Accept, Accepted, Credit, Debit, Refund, SeatIndex};
use crate::command::{Command, PlaceHold};
use crate::ledger::{
    AccountId, AccountNumber, Amount, Body, Debited, Details, HoldId, HoldPlaced, HoldTerms, Posted, PostingKind,
    Refusal, Terms,
};
use crate::plant::{Bug, is_planted};

/// Sender and receiver, in their seats.
#[derive(Clone, Copy)]
pub(super) struct Route {
    pub(super) from: SeatIndex,
    pub(super) to: SeatIndex,
}

/// A movement on its way.
#[derive(Clone, Copy)]
pub(super) enum Transfer {
    /// The sender decides.
    Debiting(Route),
    /// The receiver decides; until then the debit is undecided.
    Crediting(Route, Debited),
}

/// What a command moves: of cash, one side is the bank's.
struct Movement {
    kind: PostingKind,
    from: Option<AccountNumber>,
    to: Option<AccountNumber>,
    amount: Amount,
}

/// Whether money moves or is held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Yes,
    No,
}

impl Movement {
    fn of(command: &Command) -> Option<Movement> {
        let (kind, from, to, amount) = match command {
            Command::Transfer(it) => (PostingKind::Transfer, Some(it.from), Some(it.to), it.amount),
            Command::Deposit(cash) => (PostingKind::Deposit, None, Some(cash.account), cash.amount),
            Command::Withdrawal(cash) => (PostingKind::Withdrawal, Some(cash.account), None, cash.amount),
            Command::PlaceHold(hold) => (PostingKind::Transfer, Some(hold.from), Some(hold.to), hold.amount),
            _ => return None,
        };
        Some(Movement { kind, from, to, amount })
    }
}

impl Transfer {
    /// Sends the debit, as soon as both accounts are active, nobody has them to himself, and it is the command's turn at the
    /// one that pays. Until then it waits in the queues of both.
    pub(super) fn begin(request: &mut Request, flow: &mut Flow, tables: &mut Tables, effects: &mut Effects) -> Next {
        let Some(Movement { kind, from, to, amount }) = Movement::of(&request.command) else {
            return Next::Broken("a command without money was routed");
        };
        if let Err(refusal) = tables.early_checks().command(&request.command) {
            return Next::refused(refusal);
        }
        match find_accounts(request, [from, to], Need::InTurn, tables) {
            Ok(route) => Transfer::send_debit(route, kind, amount, request, flow, tables, effects),
            Err(next) => next,
        }
    }

    /// Phase one.
    fn send_debit(
        route: Route,
        kind: PostingKind,
        amount: Amount,
        request: &mut Request,
        flow: &mut Flow,
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        let Route { from, to } = route;
        let date = tables.today();
        tables.begin_leg(to);
        tables.begin_leg(from);
        let Some((owner, receiver_kind, receiver)) =
            tables.seats.active(to).map(|occupant| (occupant.owner, occupant.kind, occupant.id))
        else {
            return Next::Broken("a debit was sent for a receiver that is not active");
        };
        let Some(occupant) = tables.seats.active_mut(from) else {
            return Next::Broken("a debit was sent to a sender that is not active");
        };
        let terms = tables.registry.terms(kind, occupant, (owner, receiver_kind), amount, date);
        let terms = Terms { most_fee: request.command.most_fee(), ..terms };
        let all_decided = occupant.undecided == 0;
        occupant.undecided = occupant.undecided.saturating_add(1);
        request.decided_at = tables.now;
        *flow = Flow::Transfer(Transfer::Debiting(route));
        let mut hold = None;
        if let Command::PlaceHold(placed) = &request.command {
            let PlaceHold { id, expires_at, verify, .. } = **placed;
            let (id, placed_at) = (HoldId::new(id), tables.now);
            hold = Some(Box::new(HoldTerms { id, to: receiver, placed_at, expires_at, requires_verification: verify }));
            tables.open_holds.keep_places(1);
        }
        send(from, Debit { ticket: request.ticket, terms, all_decided, hold }, tables, effects);
        Next::Stay
    }

    /// The sender granted the debit: phase two, unless the fee account has no room for the fee.
    pub(super) fn on_debited(
        &mut self,
        request: &Request,
        debited: Debited,
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        let Transfer::Debiting(route) = *self else { return Next::Broken("a debit was granted twice") };
        let Some(currency) = tables.currency_of(route.to) else { return Next::Broken("a credit has no receiver") };
        if !debited.fee.is_zero()
            && let Err(refusal) = tables.reserve_fee(currency, debited.fee)
        {
            return Transfer::refund(route, Amount::ZERO, request, refusal, tables, effects);
        }
        *self = Transfer::Crediting(route, debited);
        let expected = matches!(request.command, Command::PlaceHold(_));
        send(route.to, Credit { ticket: request.ticket, amount: debited.amount, expected }, tables, effects);
        Next::Stay
    }

    /// The receiver took the credit: the record is queued, and the command decided.
    pub(super) fn on_credited(self, request: &mut Request, tables: &mut Tables, effects: &mut Effects) -> Next {
        let Transfer::Crediting(route, debited) = self else {
            return Next::Broken("a credit was taken that was not debited");
        };
        let (kind, details) = match &mut request.command {
            Command::Transfer(transfer) => (PostingKind::Transfer, transfer.details.take()),
            Command::Deposit(cash) => (PostingKind::Deposit, cash.details.take()),
            Command::Withdrawal(cash) => (PostingKind::Withdrawal, cash.details.take()),
            Command::PlaceHold(_) => return Transfer::place_hold(route, &debited, request, tables, effects),
            _ => return Next::Broken("a command without money was credited"),
        };
        let Some(tied) = tie_legs(route, &debited, Held::No, tables, effects) else {
            return Next::Broken("a recorded balance would leave its bounds");
        };
        let Debited { amount, fee, date, limited, counted, .. } = debited;
        let details = details.filter(|details| !details.is_empty());
        let Tied { from, to, fees, links } = tied;
        let body = Body::Posted(Posted { kind, from, to, amount, fee, fees, limited, counted, details });
        tables.push(request, date, body, links);
        Next::Landed(Rest::Debit(route))
    }

    /// The receiver has room for what a hold may bring: the hold is recorded, and open from now on.
    fn place_hold(
        route: Route,
        debited: &Debited,
        request: &mut Request,
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        let Command::PlaceHold(placed) = &mut request.command else {
            return Next::Broken("a hold was placed for another command");
        };
        let PlaceHold { id, from, to, expires_at, verify: requires_verification, .. } = **placed;
        let details: Option<Box<Details>> = placed.details.take().filter(|details| !details.is_empty());
        let Debited { amount, fee, date, limited, counted, .. } = *debited;
        let open = OpenHold { from, to, amount, placed: tables.appender.next(), expires_at, requires_verification };
        let Some(Tied { from, to, fees, links }) = tie_legs(route, debited, Held::Yes, tables, effects) else {
            return Next::Broken("an account of a hold is not active");
        };
        let placed =
            HoldPlaced { from, to, amount, fee, fees, limited, counted, expires_at, requires_verification, details };
        tables.push(request, date, Body::Held(Box::new(placed)), links);
        tables.open_holds.give_places_up(1);
        tables.open_hold(HoldId::new(id), open);
        tables.to_verify.add(id, &open);
        Next::Landed(Rest::Debit(route))
    }

    /// The sender refused: nothing happened, and that is recorded.
    pub(super) fn on_debit_refused(self, request: &Request, refusal: Refusal, tables: &mut Tables) -> Next {
        let Transfer::Debiting(route) = self else { return Next::Broken("a debit was refused that was granted") };
        give_hold_up(request, tables);
        Next::Refused { refusal, rest: Rest::Debit(route) }
    }

    /// The receiver refused: the sender is refunded, and the refusal is recorded.
    pub(super) fn on_credit_refused(
        self,
        request: &Request,
        refusal: Refusal,
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        let Transfer::Crediting(route, debited) = self else {
            return Next::Broken("a credit was refused that was not debited");
        };
        Transfer::refund(route, debited.fee, request, refusal, tables, effects)
    }

    fn refund(
        route: Route,
        reserved: Amount,
        request: &Request,
        refusal: Refusal,
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        send(route.from, Refund { ticket: request.ticket }, tables, effects);
        tables.unreserve_fee(tables.currency_of(route.from), reserved);
        give_hold_up(request, tables);
        Next::Refused { refusal, rest: Rest::Refund(route) }
    }

    /// Sender and receiver.
    pub(super) const fn route(&self) -> Route {
        match self {
            Transfer::Debiting(route) | Transfer::Crediting(route, _) => *route,
        }
    }
}

/// The seats of a movement's accounts, when both are ready and fit together; otherwise what to do instead. `pays` is what
/// the command needs of the account that pays.
pub(super) fn find_accounts(
    request: &Request,
    [from, to]: [Option<AccountNumber>; 2],
    pays: Need,
    tables: &Tables,
) -> Result<Route, Next> {
    let mut seats = [None, None];
    for ((number, need), seat) in [(from, pays), (to, Need::Shared)].into_iter().zip(&mut seats) {
        let Some(number) = number else { continue };
        match tables.seats.standing(&number, need, request.ticket) {
            Standing::Ready(index) => *seat = Some(index),
            Standing::Vacant => return Err(Next::refused(Refusal::AccountUnknown { number })),
            Standing::Waits => {
                return Err(Next::Queue(both(request, from.map(|from| (from, pays)), to, tables)));
            }
        }
    }
    resolve(seats, tables).map_err(Next::refused)
}

/// What a command needs of the account that pays and the account that receives, as far as it has them.
pub(super) fn both(
    request: &Request,
    from: Option<(AccountNumber, Need)>,
    to: Option<AccountNumber>,
    tables: &Tables,
) -> Needs {
    let mut needs: Needs = from.into_iter().chain(to.map(|to| (to, Need::Shared))).collect();
    if is_planted(Bug::PlaceLost) {
        needs.retain(|(number, need)| matches!(tables.seats.standing(number, *need, request.ticket), Standing::Waits));
        needs.truncate(1);
    }
    needs
}

/// Completes a movement of cash with the bank's cash account, and checks that the accounts fit together.
fn resolve([from, to]: [Option<SeatIndex>; 2], tables: &Tables) -> Result<Route, Refusal> {
    let mut currencies = [None, None];
    for (seat, currency) in [from, to].into_iter().zip(&mut currencies) {
        let Some(seat) = seat.and_then(|index| tables.seats.get(index)) else { continue };
        let Some(occupant) = seat.active() else { continue };
        if occupant.system {
            return Err(Refusal::SystemAccount { number: seat.number() });
        }
        *currency = Some(occupant.currency);
    }
    let [from_currency, to_currency] = currencies;
    let entry = |currency: Option<_>| currency.and_then(|index| tables.registry.currency(index));
    let cash = entry(from_currency.or(to_currency)).map(|entry| entry.cash);
    if let (Some(one), Some(other)) = (from_currency, to_currency)
        && one != other
    {
        let code = |currency| entry(Some(currency)).map(|entry| entry.currency);
        let (Some(from), Some(to)) = (code(one), code(other)) else { return Err(Refusal::SameAccount) };
        return Err(Refusal::CurrencyMismatch { from, to });
    }
    let route = from.or(cash).zip(to.or(cash)).map(|(from, to)| Route { from, to });
    route.ok_or(Refusal::SameAccount)
}

/// Gives each leg the account's previous position and its balance after it, in journal order, and sends the fee to the fee
/// account. A hold leaves balances as they are. `None` when a balance would leave its bounds, which the decisions have
/// ruled out.
fn tie_legs(route: Route, debited: &Debited, held: Held, tables: &mut Tables, effects: &mut Effects) -> Option<Tied> {
    let by = |amount| if held == Held::Yes { Amount::ZERO } else { amount };
    let total = debited.amount.checked_add(debited.fee)?;
    let (from, debit) = tables.tie(route.from, |balance| balance.debit(by(total)))?;
    let (to, credit) = tables.tie(route.to, |balance| balance.credit(by(debited.amount)))?;
    let mut tied = Tied { from, to, fees: AccountId::new(0), links: smallvec![debit, credit] };
    if !debited.fee.is_zero() {
        let seat = take_fee(route.to, debited.fee, held == Held::Yes, tables, effects)?;
        let (account, link) = tables.tie(seat, |balance| balance.credit(by(debited.fee)))?;
        tied.fees = account;
        tied.links.push(link);
    }
    Some(tied)
}

/// Sends a reserved fee to the fee account of the receiver's currency, which expects it only when it is `held`. Returns
/// that account's seat.
pub(super) fn take_fee(
    receiver: SeatIndex,
    fee: Amount,
    held: bool,
    tables: &mut Tables,
    effects: &mut Effects,
) -> Option<SeatIndex> {
    let currency = tables.currency_of(receiver)?;
    let entry = tables.registry.currency_mut(currency)?;
    entry.fees_under_way = entry.fees_under_way.saturating_sub(fee);
    if held {
        entry.fees_held = entry.fees_held.saturating_add(fee);
    }
    let seat = entry.fees;
    let event = if held { Accepted::Expected(fee) } else { Accepted::Credited(fee) };
    send(seat, Accept { event }, tables, effects);
    Some(seat)
}

/// A command was refused by an account: if it was to place a hold, another one may take its place.
fn give_hold_up(request: &Request, tables: &mut Tables) {
    if matches!(request.command, Command::PlaceHold(_)) {
        tables.open_holds.give_places_up(1);
    }
}
