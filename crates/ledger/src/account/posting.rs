//! Debits and credits: the two phases of every movement of money.

use serde::{Deserialize, Serialize};

use crate::{Account, AccountType, Amount, BusinessDate, Day, Drawn, LimitException, Refusal, Role};
use jangbu_plant::{Bug, is_planted};

/// The maximum number of open holds of one account. It bounds the memory of an account.
pub const MAX_OPEN_HOLDS: u32 = 10_000;
/// Free transfers per account and business day for an owner without a setting of its own.
pub const FREE_TRANSFERS_PER_DAY: u32 = 3;

/// The kind of a movement of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingKind {
    /// From account to account.
    Transfer,
    /// Cash paid in: from the bank's cash account to a customer.
    Deposit,
    /// Cash paid out: from a customer to the bank's cash account.
    Withdrawal,
    /// From account to account, to bring one of them to a target balance.
    Sweep,
    /// Back from the receiver of an earlier movement to its sender.
    Reversal,
}

/// What an account needs to know to decide a debit. The supervisor fills it in when it routes the debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The amount to move.
    pub amount: Amount,
    /// Whether a smaller amount is moved if less is available.
    pub at_most: bool,
    /// The largest fee that the sender accepts; `None` for any fee.
    pub most_fee: Option<Amount>,
    /// The fee of the sender's account type, charged once the free transfers are used up.
    pub fee: Amount,
    /// The owner's number of free transfers per day.
    pub free_transfers_per_day: u32,
    /// Whether the fee and the count of free transfers do not apply: same owner and type, or a movement other than a
    /// transfer.
    pub exempt: bool,
    /// Whether the limits and the day's counters apply. They apply to transfers only.
    pub limited: bool,
    /// The type's limit per transfer.
    pub limit_per_transfer: Option<Amount>,
    /// The type's limit per day.
    pub limit_per_day: Option<Amount>,
    /// The business date by the supervisor's clock.
    pub date: BusinessDate,
}

impl Terms {
    /// Returns the terms of a movement of `kind` out of an account of `account_type`, whose owner has
    /// `free_transfers_per_day`. `same` states whether the receiver has the sender's owner and type. Only transfers
    /// cost a fee and use limits.
    pub fn of(
        kind: PostingKind,
        account_type: &AccountType,
        same: bool,
        free_transfers_per_day: u32,
        amount: Amount,
        date: BusinessDate,
    ) -> Terms {
        let transfer = kind == PostingKind::Transfer;
        Terms {
            amount,
            at_most: false,
            most_fee: None,
            fee: if transfer { account_type.fee } else { Amount::ZERO },
            free_transfers_per_day: if transfer { free_transfers_per_day } else { 0 },
            exempt: !transfer || (account_type.same_owner_exempt && same),
            limited: transfer,
            limit_per_transfer: account_type.limit_per_transfer.filter(|_| transfer),
            limit_per_day: account_type.limit_per_day.filter(|_| transfer),
            date,
        }
    }
}

/// The event of money going out, or of money being set aside for a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debited {
    /// The amount that the receiver gets.
    pub amount: Amount,
    /// What the bank gets on top.
    pub fee: Amount,
    /// The business date for which it counts.
    pub date: BusinessDate,
    /// Whether it counts towards the day's limit.
    pub limited: bool,
    /// Whether it counts towards the day's free transfers.
    pub counted: bool,
}

impl Debited {
    /// Returns amount and fee together, or `None` above 2^53 − 1.
    pub const fn total(&self) -> Option<Amount> {
        self.amount.checked_add(self.fee)
    }
}

/// Decides a debit of `account` on `terms`: limits, fee and funds in one step.
///
/// # Errors
/// The first that applies of [`Refusal::AccountClosed`], [`Refusal::AccountFrozen`], [`Refusal::FeeTooHigh`],
/// [`Refusal::LimitPerTransfer`], [`Refusal::LimitPerDay`], [`Refusal::InsufficientFunds`] and, for the bank's cash,
/// [`Refusal::CurrencyLimit`].
pub fn decide_debit(account: &Account, terms: &Terms) -> Result<Debited, Refusal> {
    if account.closed {
        return Err(Refusal::AccountClosed { number: account.number });
    }
    if account.frozen.debits {
        return Err(Refusal::AccountFrozen { number: account.number });
    }
    let date = terms.date.max(account.day.date);
    let day = account.used_on(date);
    let free = terms.exempt || day.counted_transfers < terms.free_transfers_per_day;
    let fee = if free { Amount::ZERO } else { terms.fee };
    if let Some(most_fee) = terms.most_fee
        && fee > most_fee
    {
        return Err(Refusal::FeeTooHigh { fee, most_fee });
    }
    let available = account.available();
    let amount = if terms.at_most { terms.amount.min(available.saturating_sub(fee)) } else { terms.amount };
    if amount.is_zero() {
        // Not even one minor unit could be moved.
        return Err(Refusal::InsufficientFunds { available, needed: fee.saturating_add(Amount::ONE) });
    }
    if terms.limited {
        check_limits(account, terms, amount, amount, day)?;
    }
    let debited = Debited { amount, fee, date, limited: terms.limited, counted: !terms.exempt };
    match debited.total() {
        Some(needed) if needed <= available => {
            if account.posted.debit(needed).is_none() {
                return Err(Refusal::CurrencyLimit { currency: account.currency });
            }
            Ok(debited)
        }
        total => Err(Refusal::InsufficientFunds { available, needed: total.unwrap_or(Amount::MAX) }),
    }
}

/// Decides a hold of `account` on `terms`, by the rules of a debit.
///
/// # Errors
/// Those of [`decide_debit`], then [`Refusal::TooMany`] if [`MAX_OPEN_HOLDS`] holds of the account are open.
pub fn decide_hold(account: &Account, terms: &Terms) -> Result<Debited, Refusal> {
    let debited = decide_debit(account, terms)?;
    match account.open_holds >= MAX_OPEN_HOLDS {
        true => Err(Refusal::TooMany { most: MAX_OPEN_HOLDS }),
        false => Ok(debited),
    }
}

/// Decides whether a hold of `account` may be raised by `raised` to `whole`. Returns the business date for which the
/// raise counts.
pub(super) fn decide_raise(
    account: &Account,
    whole: Amount,
    raised: Amount,
    terms: &Terms,
) -> Result<BusinessDate, Refusal> {
    if account.frozen.debits {
        return Err(Refusal::AccountFrozen { number: account.number });
    }
    let date = terms.date.max(account.day.date);
    if terms.limited {
        check_limits(account, terms, whole, raised, account.used_on(date))?;
    }
    let available = account.available();
    if raised > available {
        return Err(Refusal::InsufficientFunds { available, needed: raised });
    }
    Ok(date)
}

/// Checks `whole` against the limit per transfer, and the day's total plus `requested` against the limit per day.
fn check_limits(account: &Account, terms: &Terms, whole: Amount, requested: Amount, day: Day) -> Result<(), Refusal> {
    if let Some(limit) = account.limit_per_transfer.over(terms.limit_per_transfer)
        && whole > limit
    {
        return Err(Refusal::LimitPerTransfer { limit, requested: whole });
    }
    let used = Amount::new(day.sent).unwrap_or(Amount::MAX);
    let sent = day.sent.checked_add(requested.minor_units());
    match account.limit_per_day.over(terms.limit_per_day) {
        Some(limit) if sent.is_none_or(|sent| sent > limit.minor_units()) => {
            Err(Refusal::LimitPerDay { limit, used, requested })
        }
        // Without a limit, the total must still fit into its 64 bits.
        None if sent.is_none() => Err(Refusal::LimitPerDay { limit: Amount::MAX, used, requested }),
        _ => Ok(()),
    }
}

/// Decides whether `account` can take a credit of `amount`.
///
/// # Errors
/// The first that applies of [`Refusal::AccountClosed`], [`Refusal::AccountFrozen`] and [`Refusal::BalanceLimit`]
/// (for the bank's own accounts [`Refusal::CurrencyLimit`]).
pub fn decide_credit(account: &Account, amount: Amount) -> Result<(), Refusal> {
    receiver_accepts(account)?;
    // Expected money counts as if it were there, because a settlement can no longer be refused.
    if account.pending_in.checked_add(amount).is_some_and(|coming| account.posted.credit(coming).is_some()) {
        return Ok(());
    }
    Err(match account.role {
        Role::Customer => Refusal::BalanceLimit { number: account.number, posted: account.posted },
        Role::Cash | Role::Fees => Refusal::CurrencyLimit { currency: account.currency },
    })
}

/// Returns `Ok` if `account` takes credits at all, whatever the amount.
///
/// # Errors
/// [`Refusal::AccountClosed`] and [`Refusal::AccountFrozen`].
pub fn receiver_accepts(account: &Account) -> Result<(), Refusal> {
    if account.closed {
        return Err(Refusal::AccountClosed { number: account.number });
    }
    if account.frozen.credits {
        return Err(Refusal::AccountFrozen { number: account.number });
    }
    Ok(())
}

/// Returns the counters of `day` after `debited`, or `None` out of bounds.
pub(super) fn roll_day(day: Day, debited: &Debited) -> Option<Day> {
    // A day never goes back. A record can be decided before midnight and applied after a later one; it counts for its
    // own day, which is over.
    if debited.date < day.date {
        return Some(day);
    }
    let mut day = if debited.date > day.date { Day { date: debited.date, ..Day::default() } } else { day };
    if debited.limited {
        day.sent = day.sent.checked_add(debited.amount.minor_units())?;
    }
    if debited.counted {
        day.counted_transfers = day.counted_transfers.saturating_add(1);
    }
    Some(day)
}

/// Returns the counters of `day` after `drawn`, or `None` out of bounds. Nothing is returned to a day that is over.
pub(super) fn return_to_day(day: Day, drawn: &Drawn) -> Option<Day> {
    if drawn.date != day.date || is_planted(Bug::LimitNotGivenBack) {
        return Some(day);
    }
    let sent = day.sent.checked_sub(drawn.limit_back.minor_units())?;
    let counted_transfers = day.counted_transfers.checked_sub(u32::from(drawn.uncounted))?;
    Some(Day { sent, counted_transfers, ..day })
}

impl Account {
    /// Returns the remaining limit per transfer and the remaining limit per day on `date`, where `per_transfer` and
    /// `per_day` are the type's limits. `None` means no limit.
    pub fn headroom(
        &self,
        per_transfer: Option<Amount>,
        per_day: Option<Amount>,
        date: BusinessDate,
    ) -> (Option<Amount>, Option<Amount>) {
        let left = |exception: LimitException, default, used: Amount| {
            exception.over(default).map(|limit| limit.saturating_sub(used))
        };
        let sent = Amount::new(self.used_on(date.max(self.day.date)).sent).unwrap_or(Amount::MAX);
        (left(self.limit_per_transfer, per_transfer, Amount::ZERO), left(self.limit_per_day, per_day, sent))
    }
}
