//! Finds accounts by their numbers in a file, in any case, width and grouping.

use std::collections::{BTreeMap, HashMap};

use jangbu::{AccountNumber, Bank, Error, Refusal, accounts::NumberError, queries::Snapshot, text::number_key};

use super::plan::Unit;
use crate::cli::error::CliError;

/// The number of accounts per page when all are listed.
const PAGE: usize = 1_000;

/// A lookup of the accounts that rows name.
pub(super) struct Numbers<'a> {
    bank: Option<&'a Bank>,
    /// The unit of every account met so far; `None` for accounts that do not exist.
    units: HashMap<AccountNumber, Option<Unit>>,
    /// The accounts of `accounts.csv`, by the key of their numbers.
    listed: HashMap<String, AccountNumber>,
    /// The same for the bank's accounts, filled when a number is first not found as written.
    in_bank: Option<BTreeMap<String, Vec<AccountNumber>>>,
}

/// Why a text does not name an account.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unknown {
    /// It is not an account number.
    #[error(transparent)]
    NoNumber(#[from] NumberError),
    /// There is no such account.
    #[error("there is no account {0} in accounts.csv or in the bank")]
    Nowhere(String),
    /// Several accounts match, but none is written like that.
    #[error("{text} matches several accounts: {numbers}; write the number exactly")]
    Ambiguous {
        text: String,
        /// The matching accounts.
        numbers: String,
    },
}

impl<'a> Numbers<'a> {
    /// Creates an empty lookup. `bank` is the existing bank, if any.
    pub(super) fn new(bank: Option<&'a Bank>) -> Numbers<'a> {
        Numbers { bank, units: HashMap::new(), listed: HashMap::new(), in_bank: None }
    }

    /// Adds an account of `accounts.csv`.
    pub(super) fn list(&mut self, number: AccountNumber, unit: Unit) {
        self.units.insert(number, Some(unit));
        self.listed.insert(number_key(number.as_str()).unwrap_or_default(), number);
    }

    /// Returns the account that a row names, and the unit of its amounts.
    pub(super) async fn find(&mut self, text: &str) -> Result<Result<(AccountNumber, Unit), Unknown>, CliError> {
        let as_written = AccountNumber::new(text);
        if let Ok(number) = as_written
            && let Some(unit) = self.unit(number).await?
        {
            return Ok(Ok((number, unit)));
        }
        let Some(key) = number_key(text) else {
            return Ok(Err(as_written.err().map_or(Unknown::Nowhere(text.into()), Unknown::NoNumber)));
        };
        let mut numbers = self.like(&key).await?;
        numbers.extend(self.listed.get(&key));
        numbers.sort_unstable();
        numbers.dedup();
        match *numbers.as_slice() {
            [] => Ok(Err(Unknown::Nowhere(text.into()))),
            [number] => {
                let unit = self.unit(number).await?;
                Ok(unit.map(|unit| (number, unit)).ok_or_else(|| Unknown::Nowhere(text.into())))
            }
            _ => {
                let numbers = numbers.iter().map(AccountNumber::as_str).collect::<Vec<_>>().join(", ");
                Ok(Err(Unknown::Ambiguous { text: text.into(), numbers }))
            }
        }
    }

    /// Returns an account of the bank whose number differs from this one only in case, width or grouping.
    pub(super) async fn namesake(&mut self, number: AccountNumber) -> Result<Option<AccountNumber>, CliError> {
        let key = number_key(number.as_str()).unwrap_or_default();
        Ok(self.like(&key).await?.into_iter().find(|other| *other != number))
    }

    /// Returns the account with this number in the bank.
    pub(super) async fn in_bank(&self, number: AccountNumber) -> Result<Option<Snapshot>, CliError> {
        let Some(bank) = self.bank else { return Ok(None) };
        match bank.snapshot(number).await {
            Ok(account) => Ok(Some(account)),
            Err(Error::Refused(Refusal::AccountUnknown { .. })) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn unit(&mut self, number: AccountNumber) -> Result<Option<Unit>, CliError> {
        if let Some(known) = self.units.get(&number) {
            return Ok(*known);
        }
        let account = self.in_bank(number).await?;
        let unit = account.map(|account| Unit { currency: account.currency, scale: account.scale });
        self.units.insert(number, unit);
        Ok(unit)
    }

    /// Returns the bank's accounts whose numbers have this key. Lists all accounts once, and only if a number is not
    /// found as written.
    async fn like(&mut self, key: &str) -> Result<Vec<AccountNumber>, CliError> {
        let Some(bank) = self.bank else { return Ok(Vec::new()) };
        if self.in_bank.is_none() {
            let mut found: BTreeMap<String, Vec<AccountNumber>> = BTreeMap::new();
            let mut after = None;
            loop {
                let page = bank.accounts(after, PAGE).await?;
                for account in page.data {
                    let key = number_key(account.number.as_str()).unwrap_or_default();
                    found.entry(key).or_default().push(account.number);
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            self.in_bank = Some(found);
        }
        Ok(self.in_bank.as_ref().and_then(|found| found.get(key)).cloned().unwrap_or_default())
    }
}
