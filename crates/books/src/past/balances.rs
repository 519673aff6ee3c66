//! Balances in the past: of one account, or of all accounts page by page.

use serde::{Deserialize, Serialize};

use super::Sources;
use crate::books::change_of;
use crate::views::Page;
use jangbu_ledger::{
    Account, AccountId, AccountNumber, Balance, Currency, Event, Position, Record, Refusal, Role, Timestamp,
};
use jangbu_runtime::{BankError, Error};

/// A moment in the bank's past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Directly after the record at that position, or at the end of the journal if that comes first.
    Position(Position),
    /// After everything that was recorded at or before that time.
    Time(Timestamp),
}

impl Moment {
    /// Returns the position of the last record that counts, where `end` is the last record there is.
    pub(super) fn resolve(self, sources: &Sources, end: Position) -> Result<Position, BankError> {
        let last = match self {
            Moment::Position(position) => position,
            Moment::Time(time) => match time.as_ns().checked_add(1) {
                Some(next) => sources.last_before(Timestamp::from_ns(next))?,
                None => end,
            },
        };
        Ok(last.min(end))
    }
}

/// The balance of one account at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountBalance {
    /// The account number.
    pub number: AccountNumber,
    /// The currency.
    pub currency: Currency,
    /// The account's role.
    pub role: Role,
    /// The balance.
    pub posted: Balance,
}

/// Returns the balance of an account at a moment, or `None` before it was opened.
pub fn balance_at(sources: &Sources, number: AccountNumber, moment: Moment) -> Result<Option<Balance>, Error> {
    let (account, end) = sources.ask(move |books| (books.whole_account(&number), books.applied()))?;
    let account = account.ok_or(Refusal::AccountUnknown { number })?;
    let position = moment.resolve(sources, end)?;
    Ok(posted_at(sources, &account, position)?)
}

/// The maximum number of accounts that one job examines.
pub const ACCOUNTS_PER_JOB: usize = 32;

/// Returns the balances at `position` of up to `most` accounts in the order of their numbers, after `after`. Accounts
/// that were opened later are left out.
pub fn balances_at(
    sources: &Sources,
    position: Position,
    after: Option<AccountNumber>,
    most: usize,
) -> Result<Page<AccountBalance, AccountNumber>, BankError> {
    let accounts = sources.ask(move |books| books.whole_accounts_after(after, most))?;
    let next = if accounts.len() < most { None } else { accounts.last().map(|account| account.number) };
    let mut data = Vec::with_capacity(accounts.len());
    for account in accounts {
        if let Some(posted) = posted_at(sources, &account, position)? {
            let Account { number, currency, role, .. } = account;
            data.push(AccountBalance { number, currency, role, posted });
        }
    }
    Ok(Page { data, next })
}

/// Returns the balance of an account after the record at `position`.
///
/// It reads only later records, because earlier ones may be archived.
fn posted_at(sources: &Sources, account: &Account, position: Position) -> Result<Option<Balance>, BankError> {
    if account.last <= position {
        return Ok(Some(account.posted));
    }
    let id = account.id;
    let mut place = sources.ask(move |books| books.place_near(id, position.next()))?.unwrap_or_default();
    loop {
        let record = sources.read(place)?;
        let previous = Sources::step(&record, id)?;
        if previous <= position {
            return before_record(&record, id);
        }
        place = previous;
    }
}

/// Returns the account's balance before its legs of `record`, or `None` if the record opened the account.
fn before_record(record: &Record, id: AccountId) -> Result<Option<Balance>, BankError> {
    let mut links = record.links.iter();
    let (mut is_opening, mut found) = (false, None);
    record.body.for_each_leg(record.date, |account, event| {
        let link = links.next();
        if account == id && found.is_none() {
            is_opening = matches!(event, Event::Opened(_));
            found = link.map(|link| i128::from(link.balance.minor_units()).saturating_sub(change_of(event)));
        }
    });
    if is_opening {
        return Ok(None);
    }
    let balance = found.and_then(|units| Balance::new(i64::try_from(units).ok()?));
    let wrong =
        || BankError::Unreadable(format!("the record at {} leads to no balance of account {id}", record.position));
    balance.map(Some).ok_or_else(wrong)
}
