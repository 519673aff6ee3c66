//! Whether the disk holds what was answered.

use std::path::Path;

use jangbu::{Bank, check};

use super::Args;
use super::load::Load;
use crate::cli::error::CliError;

/// Accounts per page.
const PAGE: usize = 1_000;

/// Audits the closed bank in `path`, opens it from disk, and compares it with what was submitted and answered.
///
/// # Errors
/// [`CliError::Audit`] with the first difference.
pub(super) async fn audit(path: &Path, load: &Load, args: &Args) -> Result<(), CliError> {
    let report = check::check(path, check::Options { deep: false })?;
    // One deposit per account.
    let expected = args.transfers.saturating_add(args.accounts.into());
    same("movements on disk", report.posted, expected)?;
    same("refusals on disk", report.refused, 0)?;

    let bank = Bank::open(path)?;
    let (mut customers, mut sum, mut after) = (0u64, 0i128, None);
    loop {
        let page = bank.accounts(after, PAGE).await?;
        for account in &page.data {
            customers = customers.saturating_add(u64::from(!account.role.is_system()));
            sum = sum.saturating_add(account.posted.minor_units().into());
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    same("accounts", customers, args.accounts.into())?;
    same("sum of all balances", sum, 0)?;
    for sent in load.sample() {
        let Some(found) = bank.movement(sent.id).await? else {
            return Err(CliError::Audit(format!("transfer {} was answered and is not there", sent.id)));
        };
        let as_sent = found.refusal.is_none()
            && (found.from, found.to, found.amount) == (Some(sent.from), Some(sent.to), sent.amount);
        if !as_sent {
            return Err(CliError::Audit(format!("transfer {} is there, but not as it was sent", sent.id)));
        }
    }
    Ok(bank.close().await?)
}

fn same<T: PartialEq + std::fmt::Display>(what: &str, found: T, expected: T) -> Result<(), CliError> {
    if found == expected { Ok(()) } else { Err(CliError::Audit(format!("{what}: {found}, not {expected}"))) }
}
