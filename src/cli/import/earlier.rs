//! What came of a row before: refused rows are looked up, attempt by attempt, and compared with what was recorded.
//!
//! An attempt is made only after all attempts before it were refused and those refusals are durable. So at most one of them
//! moves money.

use jangbu::text::normalized;
use jangbu::{
    AccountNumber, Amount, Bank, BankError, Refusal,
    queries::{Movement, MovementStatus},
};

use super::fate::{Fate, Status};
use super::identity::{self, FIRST};
use super::plan::{Asked, Plan, Task, Verdict, reference};
use super::sheet::Row;
use super::submit::How;
use crate::cli::error::CliError;

/// What there is to be done about a row that was refused.
#[derive(Debug)]
pub(super) enum Looked {
    /// Nothing more.
    Known(Fate),
    /// It is to be tried once more, at this attempt.
    Again(u32),
}

/// Finds out about a row to whose first attempt the answer is `refusal`: whether that is new, and whether a later attempt did
/// what the row asks for.
pub(super) async fn look_up(
    bank: &Bank,
    plan: &Plan,
    at: usize,
    refusal: Refusal,
    how: How,
) -> Result<Looked, CliError> {
    let (Some(Verdict::Ask(task)), Ok(row)) = (plan.verdicts.get(at), plan.sheet.row(at)) else {
        // Only rows that were understood are asked for.
        return Ok(Looked::Known(Fate::plain(Status::NotTried, FIRST)));
    };
    match &task.asked {
        Asked::Account(open) => {
            let was_opened = open.number.map(|number| opened(bank, number, &refusal));
            match was_opened {
                Some(fate) => match fate.await? {
                    Some(fate) => Ok(Looked::Known(fate)),
                    None => refused_opening(bank, task, &refusal, how).await,
                },
                None => Ok(Looked::Known(Fate::refused(Status::Refused, FIRST, &refusal, task.unit))),
            }
        }
        Asked::Deposit { .. } | Asked::Order { .. } => movement(bank, task, &row, &refusal, how).await,
    }
}

/// What to say of an account that cannot be opened because it is there already; `None` when it is not.
async fn opened(bank: &Bank, number: AccountNumber, refusal: &Refusal) -> Result<Option<Fate>, CliError> {
    match refusal {
        // Its opening was archived, which is long ago.
        Refusal::Archived { .. } => Ok(Some(Fate::plain(Status::Before, FIRST))),
        Refusal::AccountExists { .. } | Refusal::IdReused => {
            let account = bank.snapshot(number).await?;
            let words = format!("account {number} is there already, of type {}", account.kind);
            Ok(Some(Fate::because(Status::Reused, FIRST, Refusal::IdReused.code(), words)))
        }
        _ => Ok(None),
    }
}

async fn refused_opening(bank: &Bank, task: &Task, refusal: &Refusal, how: How) -> Result<Looked, CliError> {
    let (mut attempt, mut last) = (FIRST, None);
    while let Some(position) = bank.position_of(identity::attempt(task.id, attempt)).await? {
        last = Some((position, attempt));
        attempt = attempt.saturating_add(1);
    }
    Ok(match last {
        Some((position, _)) if how.retry && position <= how.before => Looked::Again(attempt),
        Some((position, last)) if position <= how.before => {
            Looked::Known(Fate::refused(Status::RefusedBefore, last, refusal, task.unit))
        }
        _ => Looked::Known(Fate::refused(Status::Refused, FIRST, refusal, task.unit)),
    })
}

async fn movement(bank: &Bank, task: &Task, row: &Row<'_>, refusal: &Refusal, how: How) -> Result<Looked, CliError> {
    let (mut attempt, mut last) = (FIRST, None);
    loop {
        match bank.movement(identity::attempt(task.id, attempt)).await {
            Ok(Some(movement)) if movement.status == MovementStatus::Refused => last = Some((movement, attempt)),
            Ok(Some(movement)) => {
                return Ok(Looked::Known(match difference(&movement, task, row) {
                    None => Fate::plain(Status::Before, attempt),
                    Some(differs) => {
                        let words = format!("it was imported before with another content: {differs}");
                        Fate::because(Status::Reused, attempt, Refusal::IdReused.code(), words)
                    }
                }));
            }
            Ok(None) => break,
            Err(BankError::Archived { .. }) => {
                let words = "what came of it is archived, so that it cannot be told whether it was paid".to_owned();
                return Ok(Looked::Known(Fate::because(Status::Archived, attempt, "archived", words)));
            }
            Err(error) => return Err(error.into()),
        }
        attempt = attempt.saturating_add(1);
    }
    let Some((movement, last)) = last else {
        return Ok(Looked::Known(Fate::refused(Status::Refused, FIRST, refusal, task.unit)));
    };
    if movement.position > how.before {
        return Ok(Looked::Known(Fate::refused(Status::Refused, last, refusal, task.unit)));
    }
    if how.retry {
        return Ok(Looked::Again(attempt));
    }
    let first = movement.refusal.as_ref().unwrap_or(refusal);
    Ok(Looked::Known(match difference(&movement, task, row) {
        None => Fate::refused(Status::RefusedBefore, last, first, task.unit),
        Some(differs) => {
            let words = format!(
                "it was refused before ({}) with another content: {differs}; --retry-refused tries it as it is now",
                first.code()
            );
            Fate::because(Status::Reused, last, Refusal::IdReused.code(), words)
        }
    }))
}

/// In what a row differs from what was recorded; `None` when in nothing.
fn difference(then: &Movement, task: &Task, row: &Row<'_>) -> Option<String> {
    let number = |number: Option<AccountNumber>| number.map_or("none".to_owned(), |number| number.to_string());
    let money = |amount: Amount| format!("{} {}", amount.to_decimal(task.unit.scale), task.unit.currency);
    let (from, to, amount) = match task.asked {
        Asked::Order { from, to, amount } => (Some(from), Some(to), amount),
        // The other side is the bank's cash.
        Asked::Deposit { to, amount } => (then.from, Some(to), amount),
        Asked::Account(_) => return None,
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
        .map(|(name, then, now)| format!("{name} {then} then, {now} now"))
        .collect();
    if differs.is_empty() { None } else { Some(differs.join("; ")) }
}
