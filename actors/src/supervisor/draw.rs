//! Draws on holds: settled, voided, expired. One account decides, and no other can refuse.

use super::effects::{Effect, Effects};
use super::flights::{Flow, Request};
use super::next::{Next, Rest, send};
use super::queues::Standing;
use super::registry::CurrencyIndex;
use super::seats::Need;
use super::tables::{Tables, Tied};
use super::transfer::{Route, both};
use crate::account::{Accept, Accepted, DrawHold, SeatIndex};
use crate::command::Command;
use crate::ledger::{Amount, Body, Draw, Drawn, HoldDrawn, HoldEnd, HoldId, Position, Refusal};
use crate::plant::{Bug, is_planted};

/// Stands for a seat that is not known.
pub(super) const NOWHERE: SeatIndex = SeatIndex(u32::MAX);

/// A draw that the hold's account decides.
#[derive(Clone, Copy)]
pub(super) struct DrawOnHold {
    pub(super) route: Route,
    hold: HoldId,
}

/// What a command asks of which hold; `None` when it asks nothing of one.
fn asked_of_hold(command: &Command) -> Option<(HoldId, Draw)> {
    Some(match command {
        Command::SettleHold(settle) => (settle.hold, Draw::Settle { amount: settle.amount, last: settle.last }),
        Command::VoidHold(void) => (void.hold, Draw::Void { rejected: void.rejected }),
        Command::ExpireHold { hold, .. } => (*hold, Draw::Expire),
        _ => return None,
    })
}

impl DrawOnHold {
    /// Asks the hold's account, as soon as both accounts are active and nobody has them to himself.
    pub(super) fn begin(request: &mut Request, flow: &mut Flow, tables: &mut Tables, effects: &mut Effects) -> Next {
        let Some((hold, draw)) = asked_of_hold(&request.command) else {
            return Next::Broken("a command about no hold was routed to one");
        };
        if let Err(refusal) = tables.early_checks().command(&request.command) {
            return Next::refused(refusal);
        }
        let Some(open) = tables.open_holds.get(hold).copied() else {
            return Next::SeekHold { hold, rest: Rest::Nothing };
        };
        let mut seats = [NOWHERE; 2];
        for (number, seat) in [open.from, open.to].into_iter().zip(&mut seats) {
            match tables.seats.standing(&number, Need::Shared, request.ticket) {
                Standing::Ready(index) => *seat = index,
                Standing::Vacant => return Next::refused(Refusal::AccountUnknown { number }),
                // A draw does not wait for what the account pays otherwise: its money is set aside.
                Standing::Waits => {
                    return Next::Queue(both(request, Some((open.from, Need::Shared)), Some(open.to), tables));
                }
            }
        }
        let [from, to] = seats;
        tables.begin_leg(from);
        tables.begin_leg(to);
        // By the time that holds fall due, so that one that expired is not settled when the clock is set back.
        let now = tables.schedule_time();
        request.decided_at = tables.now;
        *flow = Flow::Draw(DrawOnHold { route: Route { from, to }, hold });
        let all_decided = tables.seats.active(from).is_some_and(|occupant| occupant.undecided == 0);
        send(from, DrawHold { ticket: request.ticket, hold, draw, now, all_decided }, tables, effects);
        Next::Stay
    }

    /// The account drew on its hold: that is recorded, and then the receiver and the bank get theirs.
    pub(super) fn on_drawn(
        self,
        request: &mut Request,
        drawn: Drawn,
        tables: &mut Tables,
        effects: &mut Effects,
    ) -> Next {
        let DrawOnHold { route, hold } = self;
        let open = tables.open_holds.get(hold).copied();
        let Some((open, tied)) = open.zip(tables.tie_draw(route.from, route.to, &drawn)) else {
            return Next::Broken("a recorded balance would leave its bounds, or a hold is not known");
        };
        let reason = match &mut request.command {
            Command::VoidHold(void) => void.reason.take(),
            _ => None,
        };
        let Tied { from, to, fees, links } = tied;
        let body = Body::Drawn(Box::new(HoldDrawn { hold, placed: open.placed, from, to, fees, drawn, reason }));
        let date = tables.today();
        tables.push(request, date, body, links);
        let position = tables.appender.end();
        hand_over(route.to, &drawn, tables, effects);
        if let Some(end) = drawn.end {
            end_hold(hold, end, position, tables, effects);
        }
        Next::Landed(Rest::Legs(route))
    }

    /// The account refused what was asked of its hold.
    pub(super) const fn on_refused(self, refusal: Refusal) -> Next {
        Next::Refused { refusal, rest: Rest::Legs(self.route) }
    }

    /// The account has no such hold any more: a command before this one ended it, and that is recorded by now.
    pub(super) fn on_gone(self, tables: &Tables) -> Next {
        match tables.open_holds.get(self.hold) {
            None => Next::SeekHold { hold: self.hold, rest: Rest::Legs(self.route) },
            Some(_) => Next::Broken("an account does not have a hold that is recorded as its own"),
        }
    }
}

/// Lets the receiver and the fee account have what a recorded draw brings them.
fn hand_over(to: SeatIndex, drawn: &Drawn, tables: &mut Tables, effects: &mut Effects) {
    let Some(currency) = tables.currency_of(to) else { return };
    let Drawn { amount, released, fee, fee_released, .. } = *drawn;
    send(to, Accept { event: Accepted::Brought { amount, released } }, tables, effects);
    hand_over_fee(currency, fee, fee_released, tables, effects);
}

/// Lets the fee account have the fee of a hold, or not expect it any longer.
pub(super) fn hand_over_fee(
    currency: CurrencyIndex,
    amount: Amount,
    released: Amount,
    tables: &mut Tables,
    effects: &mut Effects,
) {
    if amount.is_zero() && released.is_zero() {
        return;
    }
    let Some(entry) = tables.registry.currency_mut(currency) else { return };
    entry.fees_held = entry.fees_held.saturating_sub(amount).saturating_sub(released);
    let fees = entry.fees;
    send(fees, Accept { event: Accepted::Brought { amount, released } }, tables, effects);
}

/// Notes that the record at `position` ended a hold. Nobody is asked about it any more.
pub(super) fn end_hold(hold: HoldId, end: HoldEnd, position: Position, tables: &mut Tables, effects: &mut Effects) {
    let was_verified = tables.close_hold(hold, end, position).is_some_and(|open| open.requires_verification);
    if was_verified && tables.to_verify.has_verifier() && !is_planted(Bug::EndedHoldsVerified) {
        effects.push(Effect::VerifyNoMore { hold: hold.command() });
    }
}
