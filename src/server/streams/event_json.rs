//! What a viewer may see of an event: what lists show of its movements, by the same rule and in the same shape.
//!
//! A member sees what touches own accounts, staff that follows an account both sides of it.

use std::io::Write;

use actix_web::web::Bytes;
use jangbu::{
    AccountNumber, Amount, CommandId, Currency, Details, HoldId, OwnerId, Position, Timestamp,
    events::{CommandKind, Event, EventKind, HoldPlacement},
    queries::{Movement, MovementKind, MovementStatus, View},
};
use serde::Serialize;

use crate::server::shapes::{Moment, Transfer};

/// Whose eyes an event is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Viewer {
    /// A member, of whom all accounts are followed, also those that are opened later.
    Owner(OwnerId),
    /// The owner of an account, which is followed alone.
    Account(AccountNumber),
    /// Staff that follows one account and sees both sides.
    Staff(AccountNumber),
}

/// The own accounts among those that an event touches, and whether the other side is seen too.
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

/// In what money an account is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Money {
    pub(super) currency: Currency,
    pub(super) scale: u8,
}

/// An event as it is sent, its movements in the shape that they have everywhere.
#[derive(Serialize)]
struct EventJson<'a> {
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

/// When an event happened, in the words that every side of it is told.
pub(super) struct When {
    recorded_at: String,
    date: String,
}

impl When {
    pub(super) fn of(event: &Event) -> When {
        When { recorded_at: event.recorded_at.to_string(), date: event.date.to_string() }
    }
}

/// Writes the event as the text of an SSE message; `None`, and nothing, when there is nothing in it for that side.
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
    let told = EventJson {
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
    if write!(text, "id: {}\nevent: {}\ndata: ", event.cursor(), told.kind).is_err()
        || serde_json::to_writer(&mut *text, &told).is_err()
    {
        text.truncate(begin);
        return None;
    }
    text.extend_from_slice(b"\n\n");
    Some(())
}

/// An SSE message with an id to resume from.
/// Word that a stream has begun: where the journal ends, and for which member the stream is, if for one alone.
///
/// Its `id` is what the reader has received: whoever goes on from it has missed nothing.
pub(super) fn ready(received: impl std::fmt::Display, end: Position, viewer: Viewer) -> String {
    let data = match viewer {
        // A member is known by a UUID, which needs no escapes.
        Viewer::Owner(owner) => format!("{{\"position\":{end},\"member\":\"{}\"}}", owner.as_str()),
        Viewer::Account(_) | Viewer::Staff(_) => format!("{{\"position\":{end}}}"),
    };
    format!("id: {received}\nevent: ready\ndata: {data}\n\n")
}

/// Word that the event behind which a stream was to begin is not of this bank's history, and where it begins instead.
pub(super) fn reset(at: Position) -> String {
    format!("id: {at}\nevent: reset\ndata: {{\"position\":{at}}}\n\n")
}

/// Word that the reader was too slow, and where it goes on.
pub(super) fn lagging(next: Position) -> Bytes {
    format!("event: lagging\ndata: {{\"resume\":{next}}}\n\n").into()
}

/// A movement as the viewer sees it; `None` when the viewer has no part in it.
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

/// The movement that an event is about, as a list has it right after the event, and when it expires.
fn movement(event: &Event, what: &EventKind, step: Option<u8>) -> Option<(Movement, Option<Timestamp>)> {
    let about = About { event, step };
    Some((
        match what {
            EventKind::Posted { kind, from, to, amount, fee, details } => Movement {
                fee: *fee,
                details: said(details.as_deref()),
                ..about.movement((*kind).into(), MovementStatus::Posted, (*from, *to), *amount)
            },
            EventKind::Held { from, to, amount, fee, expires_at, requires_verification, details, .. } => {
                let held = Movement {
                    fee: *fee,
                    details: said(details.as_deref()),
                    ..about.placed(*requires_verification, (*from, *to), *amount)
                };
                return Some((held, *expires_at));
            }
            EventKind::Settled { hold, from, to, amount, fee, released, captured, placed, .. } => {
                let settled = about.movement(MovementKind::Settlement, MovementStatus::Posted, (*from, *to), *amount);
                let settled = Movement { fee: *fee, released: *released, captured: *captured, ..settled };
                of_hold(settled, *hold, placed.as_deref())
            }
            EventKind::Released { hold, from, to, amount, end, reason, customer_text, captured, placed } => {
                let requires_verification = placed.as_ref().is_some_and(|placed| placed.requires_verification);
                let status = MovementStatus::of_release(requires_verification, *end);
                let released = about.movement(MovementKind::Release, status, (*from, *to), *amount);
                let (reason, customer_text) = (reason.clone(), customer_text.clone());
                let released = Movement { captured: *captured, reason, customer_text, ..released };
                of_hold(released, *hold, placed.as_deref())
            }
            EventKind::Amended { hold, from, to, raised, expires_at, placed } => {
                let requires_verification = placed.as_ref().is_some_and(|placed| placed.requires_verification);
                let details = said(placed.as_ref().map(|placed| &placed.details));
                let amended = Movement {
                    id: hold.command(),
                    step: hold.step(),
                    details,
                    ..about.placed(requires_verification, (*from, *to), *raised)
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

/// What became of a hold, as the hold was placed; or the transfer that was verified, which it is.
fn of_hold(movement: Movement, hold: HoldId, placed: Option<&HoldPlacement>) -> Movement {
    let Some(placed) = placed else { return Movement { hold: Some(hold), captured: Amount::ZERO, ..movement } };
    let details = placed.details.clone();
    if !placed.requires_verification {
        return Movement { hold: Some(hold), captured: Amount::ZERO, details, ..movement };
    }
    let is_settled = movement.kind == MovementKind::Settlement;
    Movement {
        id: hold.command(),
        kind: MovementKind::Transfer,
        requires_verification: true,
        asked_at: Some(placed.recorded_at),
        ended_at: Some(movement.recorded_at),
        settlement: is_settled.then_some(movement.id),
        fee: if is_settled { movement.fee } else { placed.fee },
        details,
        ..movement
    }
}

/// An event, and which of its steps it is about.
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

    /// A hold that is open, or a transfer that waits for its verification.
    fn placed(&self, requires_verification: bool, parties: (AccountNumber, AccountNumber), amount: Amount) -> Movement {
        let kind = if requires_verification { MovementKind::Transfer } else { MovementKind::Hold };
        let status = MovementStatus::of_hold(requires_verification, None, amount, Amount::ZERO);
        Movement { requires_verification, ..self.movement(kind, status, parties, amount) }
    }
}

/// What the refused command would have been; `None` when it would have moved no money.
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
