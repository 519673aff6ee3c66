//! Turns records into movements, with account numbers.

use super::Sources;
use super::movement::{Movement, MovementKind};
use crate::books::Books;
use crate::status::MovementStatus;
use jangbu_ledger::command::{CashPosting, Command, Step};
use jangbu_ledger::{
    AccountId, AccountNumber, Amount, Body, BusinessDate, Details, HoldDrawn, HoldEnd, HoldId, HoldPlaced,
    HoldPosition, LinkedMovement, OwnerId, Posted, Reason, Record, Refusal, Refused, Reversed,
};
use jangbu_runtime::BankError;

/// A movement whose accounts have no numbers yet.
pub(super) struct Draft {
    pub(super) movement: Movement,
    /// The sender and the receiver, if the record names them by id.
    pub(super) parties: Option<(AccountId, AccountId)>,
    /// The owners of the sender and the receiver, if these accounts exist.
    pub(super) owners: [Option<OwnerId>; 2],
    /// For a settlement or release: how to find its hold.
    pub(super) drawn: Option<DrawnFrom>,
}

/// What a settlement or release does not say about its hold.
#[derive(Clone, Copy)]
pub(super) struct DrawnFrom {
    /// Where the hold was placed.
    pub(super) place: HoldPosition,
    /// How the hold ended with it; `None` if it did not.
    pub(super) end: Option<HoldEnd>,
    /// The total that the receiver had got from the hold afterwards.
    pub(super) captured: Amount,
}

/// Returns whether a record contains movements.
pub(super) fn has_movements(body: &Body) -> bool {
    match body {
        Body::Posted(_) | Body::Held(_) | Body::Drawn(_) | Body::Linked(_) | Body::Reversed(_) => true,
        Body::ReversalsRepaired(repaired) => repaired.posted.is_some(),
        Body::Refused(refused) => tells_of_money(&refused.command),
        _ => false,
    }
}

fn tells_of_money(command: &Command) -> bool {
    matches!(
        command,
        Command::Transfer(_)
            | Command::Deposit(_)
            | Command::Withdrawal(_)
            | Command::PlaceHold(_)
            | Command::SettleHold(_)
            | Command::VoidHold(_)
            | Command::ExpireHold { .. }
            | Command::Linked(_)
            | Command::Reverse(_)
            | Command::RepairReversals(_)
            | Command::Sweep(_)
    )
}

/// Returns the movements of records, in order.
pub(super) fn drafts(records: &[Record]) -> Vec<Draft> {
    records.iter().flat_map(of_record).collect()
}

/// Fills in the account numbers, and the owners of all accounts with numbers.
pub(super) fn name(sources: &Sources, drafts: &mut [Draft]) -> Result<(), BankError> {
    let ids: Vec<AccountId> =
        drafts.iter().filter_map(|draft| draft.parties).flat_map(|(from, to)| [from, to]).collect();
    let mut found = sources.ask(move |books| books.parties_of(&ids))?.into_iter();
    for draft in drafts.iter_mut().filter(|draft| draft.parties.is_some()) {
        let (from, to) = (found.next().flatten(), found.next().flatten());
        draft.owners = [&from, &to].map(|party| party.as_ref().map(|(_, owner)| *owner));
        draft.movement.from = from.map(|(number, _)| number);
        draft.movement.to = to.map(|(number, _)| number);
    }
    name_refused(sources, drafts)
}

/// Finds the owners of the accounts that refused commands name, if these accounts exist.
fn name_refused(sources: &Sources, drafts: &mut [Draft]) -> Result<(), BankError> {
    let refused = |draft: &&mut Draft| draft.movement.status == MovementStatus::Refused;
    let asked: Vec<[Option<AccountNumber>; 2]> =
        drafts.iter_mut().filter(refused).map(|draft| [draft.movement.from, draft.movement.to]).collect();
    if asked.is_empty() {
        return Ok(());
    }
    let owners = move |books: &mut Books| {
        let mut owner = |number: Option<AccountNumber>| Some(books.whole_account(&number?)?.owner);
        asked.into_iter().map(|[from, to]| [owner(from), owner(to)]).collect::<Vec<_>>()
    };
    let found = sources.ask(owners)?;
    for (draft, owners) in drafts.iter_mut().filter(refused).zip(found) {
        draft.owners = owners;
    }
    Ok(())
}

/// Returns the movements of a record, in order.
fn of_record(record: &Record) -> Vec<Draft> {
    let one = |draft: Draft| vec![draft];
    match &record.body {
        Body::Posted(posted) => one(of_posted(record, posted)),
        Body::Held(placed) => one(of_hold(record, placed)),
        Body::Drawn(drawn) => one(of_drawn(record, drawn)),
        Body::Reversed(reversed) => one(of_reversed(record, reversed)),
        Body::ReversalsRepaired(repaired) => {
            let mut drafts: Vec<Draft> = repaired.posted.iter().map(|posted| of_posted(record, posted)).collect();
            drafts.iter_mut().for_each(|draft| {
                draft.movement.original = Some(repaired.original);
                draft.movement.original_step = Some(repaired.step);
            });
            drafts
        }
        Body::Linked(steps) => {
            let each = steps.iter().zip(0..).map(|(step, number)| {
                let draft = match &step.movement {
                    LinkedMovement::Posted(posted) => of_posted(record, posted),
                    LinkedMovement::Drawn(drawn) => of_drawn(record, drawn),
                    LinkedMovement::Reversed(reversed) => of_reversed(record, reversed),
                    LinkedMovement::Held(placed) => of_hold(record, placed),
                };
                at_step(draft, number, step.date)
            });
            each.collect()
        }
        Body::Refused(refused) => of_refused(record, refused),
        _ => Vec::new(),
    }
}

fn at_step(mut draft: Draft, number: u8, date: BusinessDate) -> Draft {
    (draft.movement.step, draft.movement.date) = (Some(number), date);
    draft
}

/// Creates a movement of which only the record is known.
fn blank(record: &Record, kind: MovementKind, status: MovementStatus) -> Draft {
    let named = (record.id, record.position, record.recorded_at);
    let movement = Movement::blank(named, record.date, kind, status);
    Draft { movement, parties: None, owners: [None; 2], drawn: None }
}

fn of_posted(record: &Record, posted: &Posted) -> Draft {
    let mut draft = blank(record, posted.kind.into(), MovementStatus::Posted);
    draft.parties = Some((posted.from, posted.to));
    (draft.movement.amount, draft.movement.fee) = (posted.amount, posted.fee);
    draft.movement.details = posted.details.as_deref().cloned().unwrap_or_default();
    draft
}

fn of_reversed(record: &Record, reversed: &Reversed) -> Draft {
    let mut draft = of_posted(record, &reversed.posted);
    (draft.movement.original, draft.movement.original_step) = (Some(reversed.original), Some(reversed.step));
    draft
}

fn of_hold(record: &Record, placed: &HoldPlaced) -> Draft {
    let (kind, status) = match placed.requires_verification {
        true => (MovementKind::Transfer, MovementStatus::Pending),
        false => (MovementKind::Hold, MovementStatus::Held),
    };
    let mut draft = blank(record, kind, status);
    draft.parties = Some((placed.from, placed.to));
    (draft.movement.amount, draft.movement.fee) = (placed.amount, placed.fee);
    draft.movement.requires_verification = placed.requires_verification;
    draft.movement.details = placed.details.as_deref().cloned().unwrap_or_default();
    draft
}

fn of_drawn(record: &Record, hold_drawn: &HoldDrawn) -> Draft {
    let drawn = hold_drawn.drawn;
    let mut draft = match drawn.end {
        None | Some(HoldEnd::Settled) => blank(record, MovementKind::Settlement, MovementStatus::Posted),
        Some(end) => blank(record, MovementKind::Release, MovementStatus::of_release(false, end)),
    };
    let movement = &mut draft.movement;
    if movement.kind == MovementKind::Settlement {
        (movement.amount, movement.fee, movement.released) = (drawn.amount, drawn.fee, drawn.released);
    } else {
        movement.amount = drawn.released;
    }
    movement.hold = Some(hold_drawn.hold);
    let Reason { internal, customer } = Reason::of(hold_drawn.reason.as_deref());
    (movement.reason, movement.customer_text) = (internal.to_owned(), customer.to_owned());
    draft.parties = Some((hold_drawn.from, hold_drawn.to));
    draft.drawn = Some(DrawnFrom { place: hold_drawn.place(), end: drawn.end, captured: drawn.captured });
    draft
}

/// Returns what a refused command would have moved, as far as the command states it.
fn of_refused(record: &Record, refused: &Refused) -> Vec<Draft> {
    let asked = |kind, from, to, amount, details: &Option<Box<Details>>| {
        let mut draft = refusal(record, kind, &refused.refusal);
        let movement = &mut draft.movement;
        (movement.from, movement.to, movement.amount) = (from, to, amount);
        movement.details = details.as_deref().cloned().unwrap_or_default();
        draft
    };
    let cash = |kind, cash: &CashPosting, comes_in: bool| {
        let (from, to) = if comes_in { (None, Some(cash.account)) } else { (Some(cash.account), None) };
        asked(kind, from, to, cash.amount, &cash.details)
    };
    let of_hold = |kind, hold: HoldId, amount: Option<Amount>| {
        let mut draft = asked(kind, None, None, amount.unwrap_or_default(), &None);
        draft.movement.hold = Some(hold);
        draft
    };
    let of_reversal = |original, step, amount: Option<Amount>, details: &Option<Box<Details>>| {
        let mut draft = asked(MovementKind::Reversal, None, None, amount.unwrap_or_default(), details);
        (draft.movement.original, draft.movement.original_step) = (Some(original), Some(step));
        draft
    };
    let draft = match &refused.command {
        Command::Transfer(transfer) => {
            let parties = (Some(transfer.from), Some(transfer.to));
            asked(MovementKind::Transfer, parties.0, parties.1, transfer.amount, &transfer.details)
        }
        Command::Deposit(deposit) => cash(MovementKind::Deposit, deposit, true),
        Command::Withdrawal(withdrawal) => cash(MovementKind::Withdrawal, withdrawal, false),
        Command::PlaceHold(hold) => {
            let kind = if hold.verify { MovementKind::Transfer } else { MovementKind::Hold };
            let mut draft = asked(kind, Some(hold.from), Some(hold.to), hold.amount, &hold.details);
            draft.movement.requires_verification = hold.verify;
            draft
        }
        Command::SettleHold(settle) => of_hold(MovementKind::Settlement, settle.hold, settle.amount),
        Command::VoidHold(void) => of_hold(MovementKind::Release, void.hold, None),
        Command::ExpireHold { hold, .. } => of_hold(MovementKind::Release, *hold, None),
        Command::Reverse(reverse) => of_reversal(reverse.original, reverse.step, reverse.amount, &reverse.details),
        Command::RepairReversals(repair) => of_reversal(repair.original, repair.step, None, &None),
        Command::Sweep(sweep) => {
            let parties: (Option<AccountNumber>, _) = (Some(sweep.account), Some(sweep.against));
            asked(MovementKind::Sweep, parties.0, parties.1, Amount::ZERO, &sweep.details)
        }
        Command::Linked(linked) => {
            let each = linked.steps.iter().zip(0..).map(|(step, number)| {
                let draft = match step {
                    Step::Transfer { from, to, amount, details, .. } => {
                        asked(MovementKind::Transfer, Some(*from), Some(*to), *amount, details)
                    }
                    Step::Settle { hold, amount, .. } => of_hold(MovementKind::Settlement, *hold, *amount),
                    Step::Void { hold } => of_hold(MovementKind::Release, *hold, None),
                    Step::Hold { from, to, amount, details, .. } => {
                        asked(MovementKind::Hold, Some(*from), Some(*to), *amount, details)
                    }
                    Step::Reverse { original, step, amount, details } => {
                        of_reversal(*original, *step, *amount, details)
                    }
                };
                at_step(draft, number, record.date)
            });
            return each.collect();
        }
        _ => return Vec::new(),
    };
    vec![draft]
}

fn refusal(record: &Record, kind: MovementKind, refusal: &Refusal) -> Draft {
    let mut draft = blank(record, kind, MovementStatus::Refused);
    draft.movement.refusal = Some(refusal.clone());
    draft
}
