//! Arguments that several subcommands share.

use jangbu::blocking::Bank;
use jangbu::{AccountNumber, Amount, Currency, accounts::NumberError};

use super::dry_run::Unit;
use super::error::CliError;

/// Parses an account number as a person types it. [`resolve`] finds the account that it stands for.
pub(super) fn typed(text: &str) -> Result<AccountNumber, NumberError> {
    AccountNumber::typed(text)
}

/// Resolves a typed number to the account that it stands for, or returns it unchanged if it matches none or several.
///
/// # Errors
/// When the bank cannot be read.
pub(super) fn resolve(bank: &Bank, typed: AccountNumber) -> Result<AccountNumber, CliError> {
    Ok(bank.find_account(typed)?.unwrap_or(typed))
}

/// Parses an amount in decimals of the currency of `account`.
///
/// # Errors
/// [`CliError::Refused`] if the account does not exist, [`CliError::Amount`] if the text is not an amount.
pub(super) fn amount_of(bank: &Bank, account: AccountNumber, text: &str) -> Result<Money, CliError> {
    let snapshot = bank.snapshot(account)?;
    Ok(Money { amount: amount(text, snapshot.scale)?, currency: snapshot.currency, scale: snapshot.scale })
}

/// Parses an amount of a currency with `scale` decimals.
pub(super) fn amount(text: &str, scale: u8) -> Result<Amount, CliError> {
    Amount::parse(text, scale).map_err(|source| CliError::Amount { text: text.into(), source })
}

/// An amount and its currency.
#[derive(Clone, Copy, Debug)]
pub(super) struct Money {
    pub(super) amount: Amount,
    pub(super) currency: Currency,
    /// The currency's number of decimals.
    pub(super) scale: u8,
}

impl Money {
    /// Returns the currency and scale.
    pub(super) const fn unit(self) -> Unit {
        Unit { currency: self.currency, scale: self.scale }
    }
}
