//! Finds out what an earlier import did with a row. Refused attempts are lookup up one by one and compared with the
//! row.
//!
//! An attempt is made only after all earlier attempts were refused and their refusals are durable, so at most one of
//! them moves money.

use jangbu::text::normalized;
use jangbu::{
    AccountNumber, Amount, Bank, BankError, Refusal,
    queries::{Movement, MovementStatus},
};

use super::identity::{self, FIRST};
use super::outcome::{RowOutcome, Status};
use super::plan::{Plan, Request, Task, Verdict, reference};
use super::sheet::Row;
use super::submit::SubmitOptions;
use crate::cli::error::CliError;

/// The result of looking up a refused row.
#[derive(Debug)]
pub(super) enum Lookup {
    /// The row's outcome is final.
    Known(RowOutcome),
    /// The row is to be tried again, as this attempt.
    Retry(u32),
}

/// Looks up a row whose first attempt was answered with `refusal`: whether the refusal is new, and whether a later
/// attempt carried out the row.
pub(super) async fn look_up(
    bank: &Bank,
    plan: &Plan,
    at: usize,
    refusal: Refusal,
    options: SubmitOptions,
) -> Result<Lookup, CliError> {
    let (Some(Verdict::Ask(task)), Ok(row)) = (plan.verdicts.get(at), plan.sheet.row(at)) else {
        // Only rows with a task are submitted.
        return Ok(Lookup::Known(RowOutcome::plain(Status::NotTried, FIRST)));
    };
    match &task.request {
        Request::Account(open) => {
            let was_opened = open.number.map(|number| opened(bank, number, &refusal));
            match was_opened {
                Some(outcome) => match outcome.await? {
                    Some(outcome) => Ok(Lookup::Known(outcome)),
                    None => refused_opening(bank, task, &refusal, options).await,
                },
                None => Ok(Lookup::Known(RowOutcome::refused(Status::Refused, FIRST, &refusal, task.unit))),
            }
        }
        Request::Deposit { .. } | Request::Order { .. } => movement(bank, task, &row, &refusal, options).await,
    }
}

/// Returns the outcome of opening an account that exists already; `None` if it does not exist.
async fn opened(bank: &Bank, number: AccountNumber, refusal: &Refusal) -> Result<Option<RowOutcome>, CliError> {
    match refusal {
        // Its opening is archived, so it was opened long ago.
        Refusal::Archived { .. } => Ok(Some(RowOutcome::plain(Status::Before, FIRST))),
        Refusal::AccountExists { .. } | Refusal::IdReused => {
            let account = bank.snapshot(number).await?;
            let words = format!("account {number} exists already, with type {}", account.kind);
            Ok(Some(RowOutcome::because(Status::Reused, FIRST, Refusal::IdReused.code(), words)))
        }
        _ => Ok(None),
    }
}

async fn refused_opening(
    bank: &Bank,
    task: &Task,
    refusal: &Refusal,
    options: SubmitOptions,
) -> Result<Lookup, CliError> {
    let (mut attempt, mut last) = (FIRST, None);
    while let Some(position) = bank.position_of(identity::attempt(task.id, attempt)).await? {
        last = Some((position, attempt));
        attempt = attempt.saturating_add(1);
    }
    Ok(match last {
        Some((position, _)) if options.retry && position <= options.before => Lookup::Retry(attempt),
        Some((position, last)) if position <= options.before => {
            Lookup::Known(RowOutcome::refused(Status::RefusedBefore, last, refusal, task.unit))
        }
        _ => Lookup::Known(RowOutcome::refused(Status::Refused, FIRST, refusal, task.unit)),
    })
}

async fn movement(
    bank: &Bank,
    task: &Task,
    row: &Row<'_>,
    refusal: &Refusal,
    options: SubmitOptions,
) -> Result<Lookup, CliError> {
    let (mut attempt, mut last) = (FIRST, None);
    loop {
        match bank.movement(identity::attempt(task.id, attempt)).await {
            Ok(Some(movement)) if movement.status == MovementStatus::Refused => last = Some((movement, attempt)),
            Ok(Some(movement)) => {
                return Ok(Lookup::Known(match difference(&movement, task, row) {
                    None => RowOutcome::plain(Status::Before, attempt),
                    Some(differs) => {
                        let words = format!("it was imported before with different content: {differs}");
                        RowOutcome::because(Status::Reused, attempt, Refusal::IdReused.code(), words)
                    }
                }));
            }
            Ok(None) => break,
            Err(BankError::Archived { .. }) => {
                let words = "its outcome is archived, so it is unknown whether it was paid".to_owned();
                return Ok(Lookup::Known(RowOutcome::because(Status::Archived, attempt, "archived", words)));
            }
            Err(error) => return Err(error.into()),
        }
        attempt = attempt.saturating_add(1);
    }
    let Some((movement, last)) = last else {
        return Ok(Lookup::Known(RowOutcome::refused(Status::Refused, FIRST, refusal, task.unit)));
    };
    if movement.position > options.before {
        return Ok(Lookup::Known(RowOutcome::refused(Status::Refused, last, refusal, task.unit)));
    }
    if options.retry {
        return Ok(Lookup::Retry(attempt));
    }
    let first = movement.refusal.as_ref().unwrap_or(refusal);
    Ok(Lookup::Known(match difference(&movement, task, row) {
        None => RowOutcome::refused(Status::RefusedBefore, last, first, task.unit),
        Some(differs) => {
            let words = format!(
                "it was refused before ({}) with different content: {differs}; to try the row as it is now, use --retry-refused",
                first.code()
            );
            RowOutcome::because(Status::Reused, last, Refusal::IdReused.code(), words)
        }
    }))
}

/// Returns how a row differs from the recorded movement; `None` if it does not.
fn difference(then: &Movement, task: &Task, row: &Row<'_>) -> Option<String> {
    let number = |number: Option<AccountNumber>| number.map_or("none".to_owned(), |number| number.to_string());
    let money = |amount: Amount| format!("{} {}", amount.to_decimal(task.unit.scale), task.unit.currency);
    let (from, to, amount) = match task.request {
        Request::Order { from, to, amount } => (Some(from), Some(to), amount),
        // The sender of a deposit is the bank's cash account.
        Request::Deposit { to, amount } => (then.from, Some(to), amount),
        Request::Account(_) => return None,
    };
    let label = normalized(row.text("label"));
    let compared = [
        ("from", number(then.from), number(from)),
        ("to", number(then.to), number(to)),
        ("amount", money(then.amount), money(amount)),
        ("label", format!("{:?}", then.details.receiver_label), format!("{label:?}")),
        ("written", format!("{:?}", then.details.reference), format!("{:?}", reference(row))),
    ];
    let differs: Vec<String> = compared
        .into_iter()
        .filter(|(_, then, now)| then != now)
        .map(|(name, then, now)| format!("{name} was {then}, is now {now}"))
        .collect();
    if differs.is_empty() { None } else { Some(differs.join("; ")) }
}
