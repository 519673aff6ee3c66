//! Renders the part of an event that a viewer may see, by the same rules and in the same shape as lists.
//!
//! A member sees the side of their own accounts. Staff that follow an account see both sides.

use std::io::Write;

use actix_web::web::Bytes;
use jangbu::{
    AccountNumber, Amount, AsPlaced, CommandId, CommandKind, Currency, Details, Event, EventKind, HoldId, Movement,
    MovementKind, MovementStatus, OwnerId, Position, Timestamp, View,
};
use serde::Serialize;

use crate::server::shapes::{Moment, Transfer};

/// The viewer of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// A member, with all accounts, including those opened later.
    Owner(OwnerId),
    /// The owner of an account, with this account only.
    Account(AccountNumber),
    /// Staff that follow one account and see both sides.
    Staff(AccountNumber),
}

/// The viewer's accounts among those that an event touches, and whether the viewer sees the other side, too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Side {
    pub(super) own: Vec<AccountNumber>,
    pub(super) is_staff: bool,
}

impl Side {
    fn has(&self, account: Option<AccountNumber>) -> bool {
        account.is_some_and(|account| self.own.contains(&account))
    }
}

/// An account's currency and scale.
#[derive(Clone, Copy, Debug)]
pub(super) struct Money {
    pub(super) currency: Currency,
    pub(super) scale: u8,
}

/// An event as it is sent, with movements in their usual shape.
#[derive(Serialize)]
struct Message<'a> {
    position: u64,
    id: CommandId,
    recorded_at: &'a str,
    date: &'a str,
    kind: &'a str,
    accounts: &'a [AccountNumber],
    account: Option<AccountNumber>,
    transfer: Option<Transfer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Transfer>,
}

/// An event's times as text, shared by all sides.
pub(super) struct When {
    recorded_at: String,
    date: String,
}

impl When {
    pub(super) fn of(event: &Event) -> When {
        When { recorded_at: event.recorded_at.to_string(), date: event.date.to_string() }
    }
}

/// Writes an event as the text of an SSE message; writes nothing and returns `None` if the side may see none of it.
pub(super) fn write(
    event: &Event,
    when: &When,
    side: &Side,
    money: impl Fn(AccountNumber) -> Option<Money>,
    text: &mut Vec<u8>,
) -> Option<()> {
    let mut account = None;
    let (mut transfer, mut steps) = (None, Vec::new());
    match &event.what {
        EventKind::Opened { account: number, .. } | EventKind::Changed { account: number, .. } => {
            account = Some(*number).filter(|_| side.has(Some(*number)));
            account?;
        }
        EventKind::Linked { steps: linked } => {
            let numbered = linked.iter().zip(0..);
            steps = numbered.filter_map(|(step, number)| seen(event, step, Some(number), side, &money)).collect();
            if steps.is_empty() {
                return None;
            }
        }
        what => transfer = Some(seen(event, what, None, side, &money)?),
    }
    let message = Message {
        position: event.position.get(),
        id: event.id,
        recorded_at: &when.recorded_at,
        date: &when.date,
        kind: event.what.name(),
        accounts: &side.own,
        account,
        transfer,
        steps,
    };
    let begin = text.len();
    if write!(text, "id: {}\nevent: {}\ndata: ", event.cursor(), message.kind).is_err()
        || serde_json::to_writer(&mut *text, &message).is_err()
    {
        text.truncate(begin);
        return None;
    }
    text.extend_from_slice(b"\n\n");
    Some(())
}

/// Returns the message that a stream has begun: where the journal ends and, for a stream of one member, the member.
///
/// Its `id` is what the reader has received, so resuming from it misses nothing.
pub(super) fn ready(received: impl std::fmt::Display, end: Position, viewer: Viewer) -> String {
    let data = match viewer {
        // A member's id is a UUID, which needs no escaping.
        Viewer::Owner(owner) => format!("{{\"position\":{end},\"member\":\"{}\"}}", owner.as_str()),
        Viewer::Account(_) | Viewer::Staff(_) => format!("{{\"position\":{end}}}"),
    };
    format!("id: {received}\nevent: ready\ndata: {data}\n\n")
}

/// Returns the message that the requested event is not in this bank's history, with the position where the stream
/// begins instead.
pub(super) fn reset(at: Position) -> String {
    format!("id: {at}\nevent: reset\ndata: {{\"position\":{at}}}\n\n")
}

/// Returns the message that the reader was too slow, with the position where it continues.
pub(super) fn lagging(next: Position) -> Bytes {
    format!("event: lagging\ndata: {{\"resume\":{next}}}\n\n").into()
}

/// Returns a movement as the viewer sees it; `None` if the viewer has no part in it.
fn seen(
    event: &Event,
    what: &EventKind,
    step: Option<u8>,
    side: &Side,
    money: &impl Fn(AccountNumber) -> Option<Money>,
) -> Option<Transfer> {
    let (movement, expires_at) = movement(event, what, step)?;
    let (sender, receiver) = (side.has(movement.from), side.has(movement.to));
    let view = match side.is_staff && (sender || receiver) {
        true => View::ALL,
        false => View { sender, receiver, staff: false },
    };
    let found = movement.from.iter().chain(&movement.to).find_map(|number| money(*number));
    let money = found.map(|money| (money.currency, money.scale));
    Some(Transfer { expires_at: expires_at.map(Moment), ..Transfer::of(movement, money, view)? })
}

/// Returns the movement of an event as a list shows it right after the event, and when it expires.
fn movement(event: &Event, what: &EventKind, step: Option<u8>) -> Option<(Movement, Option<Timestamp>)> {
    let about = About { event, step };
    Some((
        match what {
            EventKind::Posted { kind, from, to, amount, fee, details } => Movement {
                fee: *fee,
                details: said(details.as_deref()),
                ..about.movement((*kind).into(), MovementStatus::Posted, (*from, *to), *amount)
            },
            EventKind::Held { from, to, amount, fee, expires_at, verified, details, .. } => {
                let held = Movement {
                    fee: *fee,
                    details: said(details.as_deref()),
                    ..about.placed(*verified, (*from, *to), *amount)
                };
                return Some((held, *expires_at));
            }
            EventKind::Settled { hold, from, to, amount, fee, released, captured, placed, .. } => {
                let settled = about.movement(MovementKind::Settlement, MovementStatus::Posted, (*from, *to), *amount);
                let settled = Movement { fee: *fee, released: *released, captured: *captured, ..settled };
                of_hold(settled, *hold, placed.as_deref())
            }
            EventKind::Released { hold, from, to, amount, end, reason, customer_text, captured, placed } => {
                let verified = placed.as_ref().is_some_and(|placed| placed.verified);
                let status = MovementStatus::of_release(verified, *end);
                let released = about.movement(MovementKind::Release, status, (*from, *to), *amount);
                let (reason, customer_text) = (reason.clone(), customer_text.clone());
                let released = Movement { captured: *captured, reason, customer_text, ..released };
                of_hold(released, *hold, placed.as_deref())
            }
            EventKind::Amended { hold, from, to, raised, expires_at, placed } => {
                let verified = placed.as_ref().is_some_and(|placed| placed.verified);
                let details = said(placed.as_ref().map(|placed| &placed.details));
                let amended = Movement {
                    id: hold.command(),
                    step: hold.step(),
                    details,
                    ..about.placed(verified, (*from, *to), *raised)
                };
                return Some((amended, *expires_at));
            }
            EventKind::Reversed { original, step: original_step, from, to, amount, details, .. } => {
                let reversal = about.movement(MovementKind::Reversal, MovementStatus::Posted, (*from, *to), *amount);
                let (original, original_step) = (Some(*original), Some(*original_step));
                Movement { original, original_step, details: said(details.as_deref()), ..reversal }
            }
            EventKind::ReversalsRepaired { original, step: original_step, from: Some(from), to: Some(to), amount } => {
                let returned = about.movement(MovementKind::Reversal, MovementStatus::Posted, (*from, *to), *amount);
                Movement { original: Some(*original), original_step: Some(*original_step), ..returned }
            }
            EventKind::Refused { command, from, to, amount, hold, refusal, details } => {
                let mut refused = about.blank(refused_kind(*command)?, MovementStatus::Refused);
                (refused.from, refused.to, refused.hold) = (*from, *to, *hold);
                (refused.amount, refused.refusal) = (amount.unwrap_or_default(), Some(refusal.clone()));
                refused.details = said(details.as_deref());
                refused
            }
            _ => return None,
        },
        None,
    ))
}

fn said(details: Option<&Details>) -> Details {
    details.cloned().unwrap_or_default()
}

/// Completes the outcome of a hold with the hold's details. The outcome of a verified transfer is the transfer itself.
fn of_hold(movement: Movement, hold: HoldId, placed: Option<&AsPlaced>) -> Movement {
    let Some(placed) = placed else { return Movement { hold: Some(hold), captured: Amount::ZERO, ..movement } };
    let details = placed.details.clone();
    if !placed.verified {
        return Movement { hold: Some(hold), captured: Amount::ZERO, details, ..movement };
    }
    let is_settled = movement.kind == MovementKind::Settlement;
    Movement {
        id: hold.command(),
        kind: MovementKind::Transfer,
        verified: true,
        asked_at: Some(placed.recorded_at),
        ended_at: Some(movement.recorded_at),
        settlement: is_settled.then_some(movement.id),
        fee: if is_settled { movement.fee } else { placed.fee },
        details,
        ..movement
    }
}

/// An event, and the step that a movement belongs to.
struct About<'a> {
    event: &'a Event,
    step: Option<u8>,
}

impl About<'_> {
    fn blank(&self, kind: MovementKind, status: MovementStatus) -> Movement {
        let Event { id, position, recorded_at, date, .. } = *self.event;
        let movement = Movement::blank((id, position, recorded_at), date, kind, status);
        Movement { step: self.step, ..movement }
    }

    fn movement(
        &self,
        kind: MovementKind,
        status: MovementStatus,
        (from, to): (AccountNumber, AccountNumber),
        amount: Amount,
    ) -> Movement {
        Movement { from: Some(from), to: Some(to), amount, ..self.blank(kind, status) }
    }

    /// Returns an open hold, or a transfer that waits for verification.
    fn placed(&self, verified: bool, parties: (AccountNumber, AccountNumber), amount: Amount) -> Movement {
        let kind = if verified { MovementKind::Transfer } else { MovementKind::Hold };
        let status = MovementStatus::of_hold(verified, None, amount, Amount::ZERO);
        Movement { verified, ..self.movement(kind, status, parties, amount) }
    }
}

/// Returns the kind of movement that the refused command asked for; `None` if it would have moved no money.
const fn refused_kind(command: CommandKind) -> Option<MovementKind> {
    Some(match command {
        CommandKind::Transfer => MovementKind::Transfer,
        CommandKind::Deposit => MovementKind::Deposit,
        CommandKind::Withdrawal => MovementKind::Withdrawal,
        CommandKind::PlaceHold => MovementKind::Hold,
        CommandKind::Sweep => MovementKind::Sweep,
        _ => return None,
    })
}
