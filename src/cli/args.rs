//! Arguments that several subcommands share.

use jangbu::blocking::Bank;
use jangbu::{AccountNumber, Amount, Currency, accounts::NumberError};

use super::dry_run::Unit;
use super::error::CliError;

/// Reads an account number as a person types it; which account is meant only the bank can tell ([`meant`]).
pub(super) fn typed(text: &str) -> Result<AccountNumber, NumberError> {
    AccountNumber::typed(text)
}

/// The account that is meant by a number as it was typed. The number itself where there is none, or several.
///
/// # Errors
/// When the bank cannot be read.
pub(super) fn meant(bank: &Bank, typed: AccountNumber) -> Result<AccountNumber, CliError> {
    Ok(bank.find_account(typed)?.unwrap_or(typed))
}

/// Reads an amount in decimals of the currency of `account`.
///
/// # Errors
/// [`CliError::Refused`] where there is no such account, [`CliError::Amount`] where the text is no amount.
pub(super) fn amount_of(bank: &Bank, account: AccountNumber, text: &str) -> Result<Money, CliError> {
    let snapshot = bank.snapshot(account)?;
    Ok(Money { amount: amount(text, snapshot.scale)?, currency: snapshot.currency, scale: snapshot.scale })
}

/// Reads an amount of a currency with `scale` decimals.
pub(super) fn amount(text: &str, scale: u8) -> Result<Amount, CliError> {
    Amount::parse(text, scale).map_err(|source| CliError::Amount { text: text.into(), source })
}

/// An amount, and the currency that it is in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Money {
    /// How much.
    pub(super) amount: Amount,
    /// Of what.
    pub(super) currency: Currency,
    /// The currency's number of decimals.
    pub(super) scale: u8,
}

impl Money {
    /// What it is counted in.
    pub(super) const fn unit(self) -> Unit {
        Unit { currency: self.currency, scale: self.scale }
    }
}
