//! Changes of accounts: frozen, closed, limited, of another type. The account decides, and nothing of it overlaps with that.

use smallvec::smallvec;

use super::effects::Effects;
use super::flights::{Flow, Request};
use super::next::{Next, Rest, send};
use super::queues::Standing;
use super::seats::Need;
use super::tables::Tables;
use crate::account::{SeatIndex, Vary};
use crate::command::Command;
use crate::ledger::{Body, Change, Refusal};

/// Asks the account, as soon as the command has it to itself.
pub(super) fn begin(request: &mut Request, flow: &mut Flow, tables: &mut Tables, effects: &mut Effects) -> Next {
    let Command::ChangeAccount(command) = &request.command else {
        return Next::Broken("a command that changes no account was taken for one that does");
    };
    let (number, change) = (command.account, command.change);
    let seat = match tables.seats.standing(&number, Need::Alone, request.ticket) {
        Standing::Waits => return Next::Queue(smallvec![(number, Need::Alone)]),
        Standing::Vacant => return Next::refused(Refusal::AccountUnknown { number }),
        Standing::Ready(seat) => seat,
    };
    if tables.seats.active(seat).is_some_and(|occupant| occupant.system) {
        return Next::refused(Refusal::SystemAccount { number });
    }
    let objection = check(seat, &change, tables).err().map(Box::new);
    *flow = Flow::Changing(seat);
    request.decided_at = tables.now;
    if let Some(seat) = tables.seats.get_mut(seat) {
        seat.changing = true;
        seat.recently_used = true;
    }
    send(seat, Vary { ticket: request.ticket, change, objection }, tables, effects);
    Next::Stay
}

/// What the account's actor cannot know: whether the new type exists and fits.
fn check(seat: SeatIndex, change: &Change, tables: &Tables) -> Result<(), Refusal> {
    let (Some(code), Some(occupant)) = (change.new_type(), tables.seats.active(seat)) else { return Ok(()) };
    let type_currency = tables.registry.type_of(&code).ok_or(Refusal::TypeUnknown { code })?.currency;
    let currency = tables.registry.currency(occupant.currency).map(|entry| entry.currency);
    match (type_currency, currency) {
        (Some(of_type), Some(currency)) if of_type != currency => Err(Refusal::TypeCurrency { code, currency }),
        _ => Ok(()),
    }
}

/// The account took the change: it is recorded.
pub(super) fn on_changed(seat: SeatIndex, request: &Request, tables: &mut Tables) -> Next {
    let Command::ChangeAccount(command) = &request.command else {
        return Next::Broken("a change was made for a command without one");
    };
    let change = command.change;
    let kind = change.new_type().and_then(|code| tables.registry.type_index(&code));
    let Some((account, link)) = tables.tie(seat, Some) else {
        return Next::Broken("a change was made to an account that is not active");
    };
    let closes = change == Change::Close;
    if let Some(occupant) = tables.seats.active_mut(seat) {
        occupant.kind = kind.unwrap_or(occupant.kind);
        occupant.closed |= closes;
    }
    tables.append(request, Body::AccountChanged { account, change: Box::new(change) }, smallvec![link]);
    Next::Landed(Rest::Changed { seat, closed: closes.then_some(command.account) })
}

/// The account refused the change.
pub(super) const fn on_refused(seat: SeatIndex, refusal: Refusal) -> Next {
    Next::Refused { refusal, rest: Rest::Changed { seat, closed: None } }
}
