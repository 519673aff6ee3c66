//! The state of one account, and how each event changes it.

mod change;
mod event;
mod exposure;
mod hold;
mod posting;
#[cfg(test)]
mod posting_tests;

pub use change::{Change, Changes, LimitException, decide_change};
pub use event::{AccountOpened, Event};
pub use exposure::Exposure;
pub use hold::{Amended, Draw, Drawn, Hold, HoldEnd, HoldTerms, decide_amend, decide_draw};
pub use posting::{
    Debited, FREE_TRANSFERS_PER_DAY, MAX_OPEN_HOLDS, PostingKind, Terms, decide_credit, decide_debit, decide_hold,
    receiver_accepts,
};

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, AccountNumber, Amount, Balance, BusinessDate, Currency, OwnerId, Position, Timestamp, TypeCode,
};
use posting::{return_to_day, roll_day};

/// The role of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A member of the bank.
    Customer,
    /// The bank's cash in one currency. Deposits debit it, so its balance is usually negative.
    Cash,
    /// The fees that the bank has earned in one currency.
    Fees,
}

impl Role {
    /// Returns whether the account is one of the bank's own. Those may go below zero and are never frozen or closed.
    pub const fn is_system(self) -> bool {
        !matches!(self, Role::Customer)
    }
}

/// The movements that a frozen account refuses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Whether money going out is refused.
    pub debits: bool,
    /// Whether money coming in is refused.
    pub credits: bool,
}

/// An account's transfers of one business day, as its limits count them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// The day. It never goes back.
    pub date: BusinessDate,
    /// The total of the day's transfers in minor units, without fees. It can exceed the largest amount, because the
    /// same money can be sent repeatedly.
    pub sent: u64,
    /// The number of the day's transfers that count towards the free ones.
    pub counted_transfers: u32,
}

/// The state of one account after the record at `last`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The engine's id of the account.
    pub id: AccountId,
    /// The account number that people use.
    pub number: AccountNumber,
    /// The member that owns the account.
    pub owner: OwnerId,
    /// The account type.
    pub kind: TypeCode,
    /// The currency of the account.
    pub currency: Currency,
    /// The account's role.
    pub role: Role,
    /// When the account was opened.
    pub opened_at: Timestamp,
    /// The movements that are refused at present.
    pub frozen: Freeze,
    /// Whether the account is closed, which is permanent.
    pub closed: bool,
    /// How far below zero the balance may go.
    pub overdraft: Amount,
    /// The account's own limit per transfer.
    pub limit_per_transfer: LimitException,
    /// The account's own limit per day.
    pub limit_per_day: LimitException,
    /// The balance, without open holds.
    pub posted: Balance,
    /// The amount that open holds keep from being spent, fees included.
    pub held: Amount,
    /// The amount that open holds of other accounts may bring.
    pub pending_in: Amount,
    /// The number of open holds of this account.
    pub open_holds: u32,
    /// The counters of the current business day.
    pub day: Day,
    /// The number of events that the account has seen.
    pub version: u64,
    /// The position of the last record with a leg on this account.
    pub last: Position,
}

/// A record that this ledger's rules cannot have produced: the journal or the state is damaged, or there is a bug.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A balance or a day's total would leave its bounds.
    #[error("account {account}: the event takes a total out of its bounds")]
    OutOfBounds {
        /// The account.
        account: AccountId,
    },
    /// An account is opened a second time.
    #[error("account {account} is opened twice")]
    OpenedTwice {
        /// The account.
        account: AccountId,
    },
    /// A leg names an account that was never opened.
    #[error("account {account} was never opened")]
    NeverOpened {
        /// The account.
        account: AccountId,
    },
}

impl Account {
    /// Returns the account that `opened` creates.
    pub fn open(opened: &AccountOpened) -> Account {
        Account {
            id: opened.account,
            number: opened.number,
            owner: opened.owner,
            kind: opened.kind,
            currency: opened.currency,
            role: opened.role,
            opened_at: opened.opened_at,
            frozen: Freeze::default(),
            closed: false,
            overdraft: opened.overdraft,
            limit_per_transfer: LimitException::Inherit,
            limit_per_day: LimitException::Inherit,
            posted: Balance::ZERO,
            held: Amount::ZERO,
            pending_in: Amount::ZERO,
            open_holds: 0,
            day: Day::default(),
            version: 1,
            last: Position::START,
        }
    }

    /// Returns the amount that may be spent. The bank's own accounts have no limit.
    pub const fn available(&self) -> Amount {
        match self.role {
            Role::Customer => self.posted.available(self.overdraft).saturating_sub(self.held),
            Role::Cash | Role::Fees => Amount::MAX,
        }
    }

    /// Returns the counters of `date`. They are zero if the account's day is earlier.
    pub fn used_on(&self, date: BusinessDate) -> Day {
        if date > self.day.date { Day { date, ..Day::default() } } else { self.day }
    }
}

/// Applies `event` to `account`.
///
/// Does not change `last`: the caller sets it, because an account actor does not know the position yet.
///
/// # Errors
/// A [`Fault`] if no rule of this ledger can have produced the event. The account is unchanged.
pub fn apply(account: &mut Account, event: Event<'_>) -> Result<(), Fault> {
    let out_of_bounds = Fault::OutOfBounds { account: account.id };
    match event {
        Event::Opened(_) => return Err(Fault::OpenedTwice { account: account.id }),
        Event::Debited(debited) => {
            let posted =
                debited.total().and_then(|total| account.posted.debit(total)).ok_or_else(|| out_of_bounds.clone())?;
            account.day = roll_day(account.day, &debited).ok_or(out_of_bounds)?;
            account.posted = posted;
        }
        Event::Credited(amount) => account.posted = account.posted.credit(amount).ok_or(out_of_bounds)?,
        Event::Held(debited) => {
            let held = debited.total().and_then(|total| account.held.checked_add(total));
            let (held, day) = held.zip(roll_day(account.day, &debited)).ok_or(out_of_bounds)?;
            (account.held, account.day) = (held, day);
            account.open_holds = account.open_holds.saturating_add(1);
        }
        Event::Expected(amount) => account.pending_in = account.pending_in.checked_add(amount).ok_or(out_of_bounds)?,
        Event::Drawn(drawn) => draw(account, &drawn).ok_or(out_of_bounds)?,
        Event::Brought { amount, released } => {
            let pending_in = account.pending_in.checked_sub(amount.saturating_add(released));
            let (pending_in, posted) = pending_in.zip(account.posted.credit(amount)).ok_or(out_of_bounds)?;
            (account.pending_in, account.posted) = (pending_in, posted);
        }
        Event::Amended(amended) => {
            let used = if amended.limited { amended.raised } else { Amount::ZERO };
            let raise = Debited {
                amount: amended.raised,
                fee: Amount::ZERO,
                date: amended.date,
                limited: !used.is_zero(),
                counted: false,
            };
            if !amended.raised.is_zero() {
                let held = account.held.checked_add(amended.raised);
                let (held, day) = held.zip(roll_day(account.day, &raise)).ok_or(out_of_bounds)?;
                (account.held, account.day) = (held, day);
            }
        }
        Event::Changed(change) => change.apply(account),
    }
    account.version = account.version.saturating_add(1);
    Ok(())
}

/// Takes the whole draw off the held amount, and the captured part and its fee off the balance. Returns `None` out of
/// bounds.
fn draw(account: &mut Account, drawn: &Drawn) -> Option<()> {
    let taken = drawn.amount.checked_add(drawn.fee)?;
    let given_back = drawn.released.checked_add(drawn.fee_released)?;
    let held = account.held.checked_sub(taken.checked_add(given_back)?)?;
    let posted = account.posted.debit(taken)?;
    let day = return_to_day(account.day, drawn)?;
    let open_holds = account.open_holds.checked_sub(u32::from(drawn.end.is_some()))?;
    (account.held, account.posted, account.day, account.open_holds) = (held, posted, day, open_holds);
    Some(())
}
