//! What of an event a viewer may see.
//!
//! A member sees what touches own accounts: of a movement the own label and, as its sender, the fee; of a refused command
//! nothing unless it was to spend from an own account. Staff that follows an account sees both sides.

use std::io::Write;

use actix_web::web::Bytes;
use jangbu::{
    AccountNumber, CommandId, CommandKind, Currency, Details, Event, EventKind, HoldEnd, OwnerId, Position,
    PostingKind, Refusal,
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::server::http::Problem;

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

/// An event as it is sent.
#[derive(Serialize)]
struct Told<'a> {
    position: u64,
    id: CommandId,
    recorded_at: &'a str,
    date: &'a str,
    kind: &'a str,
    accounts: &'a [AccountNumber],
    account: Option<AccountNumber>,
    transfer: Option<ToldTransfer<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<ToldTransfer<'a>>,
}

/// A movement of money as the viewer sees it, in the shape of the API's transfers.
#[derive(Default, Serialize)]
struct ToldTransfer<'a> {
    id: Option<CommandId>,
    kind: &'static str,
    status: &'static str,
    from: Option<AccountNumber>,
    to: Option<AccountNumber>,
    amount: u64,
    fee: Option<u64>,
    total: u64,
    currency: Option<Currency>,
    scale: Option<u8>,
    sender_label: Option<&'a str>,
    receiver_label: Option<&'a str>,
    reference: &'a str,
    date: &'a str,
    remaining: u64,
    reason: Option<&'a str>,
    refusal: Option<Value>,
    hold: Option<CommandId>,
    original: Option<CommandId>,
    position: u64,
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
            steps = linked.iter().filter_map(|step| of_movement(event, when, step, side)).collect();
            if steps.is_empty() {
                return None;
            }
        }
        what => transfer = Some(of_movement(event, when, what, side)?),
    }
    for told in transfer.iter_mut().chain(&mut steps) {
        let sides = [told.from, told.to];
        let found = sides.iter().flatten().find_map(|number| money(*number));
        (told.currency, told.scale) = (found.map(|money| money.currency), found.map(|money| money.scale));
    }
    let told = Told {
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

/// A movement, or `None` when the viewer has no part in it.
fn of_movement<'a>(event: &Event, when: &'a When, what: &'a EventKind, side: &Side) -> Option<ToldTransfer<'a>> {
    let base = || ToldTransfer {
        id: Some(event.id),
        date: &when.date,
        position: event.position.get(),
        ..ToldTransfer::default()
    };
    let told = match what {
        EventKind::Posted { kind, from, to, amount, fee, details } => {
            let kind = match kind {
                PostingKind::Transfer => "transfer",
                PostingKind::Deposit => "deposit",
                PostingKind::Withdrawal => "withdrawal",
                PostingKind::Sweep => "sweep",
                PostingKind::Reversal => "reversal",
            };
            let told = ToldTransfer { kind, status: "posted", ..base() };
            told.between(*from, *to, amount.minor_units(), fee.minor_units()).labelled(details.as_deref())
        }
        EventKind::Held { from, to, amount, fee, verified, details, .. } => {
            let status = if *verified { "pending" } else { "held" };
            let remaining = amount.minor_units();
            let told = ToldTransfer { kind: "hold", status, remaining, ..base() };
            told.between(*from, *to, amount.minor_units(), fee.minor_units()).labelled(details.as_deref())
        }
        EventKind::Settled { hold, from, to, amount, fee, remaining, last, .. } => {
            let status = if *last { "posted" } else { "held" };
            let (id, remaining) = (Some(*hold), remaining.minor_units());
            let told = ToldTransfer { id, hold: id, kind: "settlement", status, remaining, ..base() };
            told.between(*from, *to, amount.minor_units(), fee.minor_units())
        }
        EventKind::Released { hold, from, to, amount, end, reason } => {
            let status = match end {
                HoldEnd::Rejected => "rejected",
                HoldEnd::Expired => "expired",
                HoldEnd::Settled => "posted",
                HoldEnd::Voided => "cancelled",
            };
            let id = Some(*hold);
            let told = ToldTransfer { id, hold: id, kind: "release", status, ..base() };
            let reason = Some(reason.as_str()).filter(|reason| !reason.is_empty());
            ToldTransfer { reason, ..told.between(*from, *to, amount.minor_units(), 0) }
        }
        EventKind::Amended { hold, from, to, raised, .. } => {
            let id = Some(*hold);
            let told = ToldTransfer { id, hold: id, kind: "hold", status: "held", ..base() };
            told.between(*from, *to, raised.minor_units(), 0)
        }
        EventKind::Reversed { original, from, to, amount, details, .. } => {
            let told = ToldTransfer { kind: "reversal", status: "posted", original: Some(*original), ..base() };
            told.between(*from, *to, amount.minor_units(), 0).labelled(details.as_deref())
        }
        EventKind::ReversalsRepaired { original, from: Some(from), to: Some(to), amount, .. } => {
            let told = ToldTransfer { kind: "reversal", status: "posted", original: Some(*original), ..base() };
            told.between(*from, *to, amount.minor_units(), 0)
        }
        EventKind::Refused { command, from, to, amount, hold, refusal } => {
            let kind = refused_kind(*command)?;
            let may_see = side.has(*from) || (side.is_staff && side.has(*to));
            if !may_see {
                return None;
            }
            let amount = amount.map_or(0, jangbu::Amount::minor_units);
            let refusal = Some(of_refusal(refusal));
            let (from, to, hold) = (*from, *to, *hold);
            return Some(ToldTransfer {
                kind,
                status: "refused",
                from,
                to,
                amount,
                total: amount,
                refusal,
                hold,
                ..base()
            });
        }
        _ => return None,
    };
    told.seen_by(side)
}

/// What the refused command would have been; `None` when it would have moved no money.
const fn refused_kind(command: CommandKind) -> Option<&'static str> {
    Some(match command {
        CommandKind::Transfer => "transfer",
        CommandKind::Deposit => "deposit",
        CommandKind::Withdrawal => "withdrawal",
        CommandKind::PlaceHold => "hold",
        CommandKind::Sweep => "sweep",
        _ => return None,
    })
}

/// Code, words and figures, as the API answers a refused request.
fn of_refusal(refusal: &Refusal) -> Value {
    let mut told = Map::new();
    if let Value::Object(problem) = Problem::from(refusal.clone()).to_value() {
        let kept = problem.into_iter().filter(|(name, _)| matches!(name.as_str(), "code" | "detail" | "figures"));
        told.extend(kept);
    }
    Value::Object(told)
}

impl<'a> ToldTransfer<'a> {
    fn between(self, from: AccountNumber, to: AccountNumber, amount: u64, fee: u64) -> ToldTransfer<'a> {
        let total = amount.saturating_add(fee);
        ToldTransfer { from: Some(from), to: Some(to), amount, fee: Some(fee), total, ..self }
    }

    fn labelled(self, details: Option<&'a Details>) -> ToldTransfer<'a> {
        let Some(details) = details else { return self };
        ToldTransfer {
            sender_label: Some(&details.sender_label),
            receiver_label: Some(&details.receiver_label),
            reference: &details.reference,
            ..self
        }
    }

    /// Without what is the other side's alone; `None` when the viewer is on neither side.
    fn seen_by(mut self, side: &Side) -> Option<ToldTransfer<'a>> {
        let (is_sender, is_receiver) = (side.has(self.from), side.has(self.to));
        if !is_sender && !is_receiver {
            return None;
        }
        if !is_sender && !side.is_staff {
            (self.sender_label, self.fee, self.total, self.reason) = (None, None, self.amount, None);
        }
        if !is_receiver && !side.is_staff {
            self.receiver_label = None;
        }
        Some(self)
    }
}
