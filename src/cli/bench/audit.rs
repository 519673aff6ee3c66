//! Whether the disk holds what was answered.

use std::path::Path;
use std::time::{Duration, Instant};

use jangbu::{Bank, Transfer, accounts::Role, check, queries::HoldStatus};

use super::Args;
use super::load::Load;
use crate::cli::error::CliError;

/// Accounts per page.
const PAGE: usize = 1_000;

/// What the answers of the run add up to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    /// The records that the journal must have at the end of the run.
    pub(super) records: u64,
    /// The fees that the receipts tell, in minor units.
    pub(super) fees: u64,
    /// What the transfers hold that wait for their verification, in minor units.
    pub(super) held: u64,
}

/// Audits the closed bank in `path`, opens it from disk, and compares it with what was submitted and answered. Returns how
/// long it took to open.
///
/// # Errors
/// [`CliError::Audit`] with the first difference.
pub(super) async fn audit(path: &Path, load: &Load, args: &Args, answered: Answered) -> Result<Duration, CliError> {
    let report = check::check(path, check::Options { deep: false })?;
    // One deposit to begin with, and one to wake each account that money moves on.
    let deposits = u64::from(args.accounts).saturating_add(args.active().into());
    // A settlement is a movement as a transfer is.
    let posted = args.transfers.saturating_add(deposits);
    same("movements on disk", report.posted, posted)?;
    same("records on disk", report.records, answered.records)?;
    same("refusals on disk", report.refused, 0)?;

    let begin = Instant::now();
    let bank = Bank::open(path)?;
    let reopening = begin.elapsed();
    let (mut customers, mut sum, mut fees, mut held, mut after) = (0u64, 0i128, 0i64, 0u64, None);
    loop {
        let page = bank.accounts(after, PAGE).await?;
        for account in &page.data {
            customers = customers.saturating_add(u64::from(!account.role.is_system()));
            sum = sum.saturating_add(account.posted.minor_units().into());
            held = held.saturating_add(account.held.minor_units());
            if account.role == Role::Fees {
                fees = fees.saturating_add(account.posted.minor_units());
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    same("accounts", customers, args.accounts.into())?;
    same("sum of all balances", sum, 0)?;
    same("what is still held", held, answered.held)?;
    same("fees", i128::from(fees), answered.fees.into())?;
    // Three a day and account are free, and a run can see two days: with more transfers than that, some cost something.
    if args.fees && answered.fees == 0 && args.transfers > u64::from(args.accounts).saturating_mul(6) {
        return Err(CliError::Audit("no transfer bore a fee".into()));
    }
    for sent in load.sample() {
        if args.two_phase {
            settled(&bank, sent).await?;
            continue;
        }
        let Some(found) = bank.movement(sent.id).await? else {
            return Err(CliError::Audit(format!("transfer {} was answered and is not there", sent.id)));
        };
        let as_sent = found.refusal.is_none()
            && (found.from, found.to, found.amount) == (Some(sent.from), Some(sent.to), sent.amount);
        if !as_sent {
            return Err(CliError::Audit(format!("transfer {} is there, but not as it was sent", sent.id)));
        }
    }
    bank.close().await?;
    Ok(reopening)
}

/// Fails unless the hold in place of a transfer is there, as it was sent, and settled in full.
async fn settled(bank: &Bank, sent: &Transfer) -> Result<(), CliError> {
    let Some(found) = bank.hold(sent.id).await? else {
        return Err(CliError::Audit(format!("hold {} was answered and is not there", sent.id)));
    };
    let as_sent =
        (found.status, found.from, found.to, found.captured) == (HoldStatus::Settled, sent.from, sent.to, sent.amount);
    if as_sent { Ok(()) } else { Err(CliError::Audit(format!("hold {} is there, but not as it was sent", sent.id))) }
}

fn same<T: PartialEq + std::fmt::Display>(what: &str, found: T, expected: T) -> Result<(), CliError> {
    if found == expected { Ok(()) } else { Err(CliError::Audit(format!("{what}: {found}, not {expected}"))) }
}
