//! Checks that the disk holds what was acknowledged.

use std::path::Path;
use std::time::{Duration, Instant};

use jangbu::{Bank, Transfer, accounts::Role, check, queries::HoldStatus};

use super::Args;
use super::load::Load;
use crate::cli::error::CliError;

/// The number of accounts per page.
const PAGE: usize = 1_000;

/// The totals of the run's acknowledgements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Acknowledged {
    /// The number of records that the journal must have at the end of the run.
    pub(super) records: u64,
    /// The fees in the receipts, in minor units.
    pub(super) fees: u64,
    /// The amount held for transfers that wait for verification, in minor units.
    pub(super) held: u64,
}

/// Audits the closed bank in `path`, opens it from disk, and compares it with what was submitted and acknowledged.
/// Returns how long opening took.
///
/// # Errors
/// [`CliError::Audit`] with the first difference.
pub(super) async fn audit(
    path: &Path,
    load: &Load,
    args: &Args,
    acknowledged: Acknowledged,
) -> Result<Duration, CliError> {
    let report = check::check(path, check::Options { deep: false })?;
    // One initial deposit per account, and one that wakes each active account.
    let deposits = u64::from(args.accounts).saturating_add(args.active().into());
    // A settlement counts as a movement, like a transfer.
    let posted = args.transfers.saturating_add(deposits);
    same("movements on disk", report.posted, posted)?;
    same("records on disk", report.records, acknowledged.records)?;
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
    same("the held amount", held, acknowledged.held)?;
    same("fees", i128::from(fees), acknowledged.fees.into())?;
    // Three transfers per day and account are free, and a run can span two days. With more transfers, some must have
    // had a fee.
    if args.fees && acknowledged.fees == 0 && args.transfers > u64::from(args.accounts).saturating_mul(6) {
        return Err(CliError::Audit("no transfer had a fee".into()));
    }
    for sent in load.sample() {
        if args.two_phase {
            settled(&bank, sent).await?;
            continue;
        }
        let Some(found) = bank.movement(sent.id).await? else {
            return Err(CliError::Audit(format!("transfer {} was acknowledged, but is missing", sent.id)));
        };
        let as_sent = found.refusal.is_none()
            && (found.from, found.to, found.amount) == (Some(sent.from), Some(sent.to), sent.amount);
        if !as_sent {
            return Err(CliError::Audit(format!("transfer {} differs from what was sent", sent.id)));
        }
    }
    bank.close().await?;
    Ok(reopening)
}

/// Fails unless the hold of a transfer exists, matches the transfer, and is settled in full.
async fn settled(bank: &Bank, sent: &Transfer) -> Result<(), CliError> {
    let Some(found) = bank.hold(sent.id).await? else {
        return Err(CliError::Audit(format!("hold {} was acknowledged, but is missing", sent.id)));
    };
    let as_sent =
        (found.status, found.from, found.to, found.captured) == (HoldStatus::Settled, sent.from, sent.to, sent.amount);
    if as_sent { Ok(()) } else { Err(CliError::Audit(format!("hold {} differs from what was sent", sent.id))) }
}

fn same<T: PartialEq + std::fmt::Display>(what: &str, found: T, expected: T) -> Result<(), CliError> {
    if found == expected { Ok(()) } else { Err(CliError::Audit(format!("{what}: {found}, not {expected}"))) }
}
