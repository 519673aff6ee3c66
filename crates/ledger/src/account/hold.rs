//! Holds (two-phase transfers): money set aside for a receiver, until it is settled, voided or expires.
//!
//! The rules for pending, posting, voiding and timeouts follow TigerBeetle's documentation of two-phase transfers;
//! partial captures and amendments are additions. The fee is fixed when the hold is placed and charged once, with the
//! first capture.

use serde::{Deserialize, Serialize};

use super::posting;
use crate::{Account, AccountId, Amount, BusinessDate, Debited, HoldId, Refusal, Terms, Timestamp};
use jangbu_plant::{Bug, is_planted};

/// An open hold, as the account that pays it stores it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The id by which it is settled or voided.
    pub id: HoldId,
    /// The receiver.
    pub to: AccountId,
    /// The total that the receiver may get.
    pub amount: Amount,
    /// The part that the receiver has got.
    pub captured: Amount,
    /// The fee charged with the first capture.
    pub fee: Amount,
    /// When the hold was placed.
    pub placed_at: Timestamp,
    /// The moment from which it can no longer be settled; `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
    /// The business date whose limit it used last: the date of the placement or of a later raise.
    pub date: BusinessDate,
    /// The part of that day's limit that it used.
    pub limit_used: Amount,
    /// Whether it used one of that day's free transfers.
    pub counted: bool,
    /// Whether a verification is to settle or void it.
    pub requires_verification: bool,
}

/// The terms of a hold, in addition to the [`Terms`] of its debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldTerms {
    /// The id of the hold.
    pub id: HoldId,
    /// The receiver.
    pub to: AccountId,
    /// When the hold is placed.
    pub placed_at: Timestamp,
    /// The moment from which it can no longer be settled; `None` if it does not expire.
    pub expires_at: Option<Timestamp>,
    /// Whether a verification is to settle or void it.
    pub requires_verification: bool,
}

/// How a hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldEnd {
    /// Settled: captured completely, or closed with its last capture.
    Settled,
    /// Voided by a command.
    Voided,
    /// Voided because its verification rejected it.
    Rejected,
    /// Its expiry passed.
    Expired,
}

/// A request to take money out of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// Gives the receiver `amount`, or everything that is left. With `last`, the rest goes back to the sender.
    Settle {
        /// The amount to capture; `None` for everything that is left.
        amount: Option<Amount>,
        /// Whether the hold is closed afterwards.
        last: bool,
    },
    /// Gives everything that is left back to the sender.
    Void {
        /// Whether the verification rejected the hold.
        rejected: bool,
    },
    /// Gives everything that is left back to the sender, because the hold has expired.
    Expire,
}

/// The event of money leaving a hold, to the receiver and the bank or back to the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// The amount that the receiver gets.
    pub amount: Amount,
    /// The fee that the bank gets: the hold's fee with the first capture, otherwise zero.
    pub fee: Amount,
    /// The amount that goes back to the sender, without the fee.
    pub released: Amount,
    /// The fee that goes back to the sender, because nothing was captured.
    pub fee_released: Amount,
    /// The business date whose limit the hold used.
    pub date: BusinessDate,
    /// The amount returned to that day's limit, if the day is not over.
    pub limit_back: Amount,
    /// Whether one of that day's free transfers is returned, if the day is not over.
    pub uncounted: bool,
    /// The total that the receiver has got from the hold, this draw included.
    pub captured: Amount,
    /// The amount that the receiver may still get.
    pub remaining: Amount,
    /// How the hold ended; `None` if it is still open.
    pub end: Option<HoldEnd>,
}

/// The event of a hold being extended or raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amended {
    /// The increase of the amount; zero if only the expiry changes.
    pub raised: Amount,
    /// The expiry from now on.
    pub expires_at: Option<Timestamp>,
    /// The business date whose limit the raise uses.
    pub date: BusinessDate,
    /// Whether the raise uses that day's limit.
    pub limited: bool,
}

impl Hold {
    /// Returns the hold that `debited`, granted on `terms`, places.
    pub const fn placed(terms: &HoldTerms, debited: &Debited) -> Hold {
        Hold {
            id: terms.id,
            to: terms.to,
            amount: debited.amount,
            captured: Amount::ZERO,
            fee: debited.fee,
            placed_at: terms.placed_at,
            expires_at: terms.expires_at,
            date: debited.date,
            limit_used: if debited.limited { debited.amount } else { Amount::ZERO },
            counted: debited.counted,
            requires_verification: terms.requires_verification,
        }
    }

    /// Returns the amount that the receiver may still get.
    pub const fn remaining(&self) -> Amount {
        self.amount.saturating_sub(self.captured)
    }

    /// Returns the fee that is still due.
    pub fn fee_due(&self) -> Amount {
        if self.captured.is_zero() || is_planted(Bug::HoldFeeTwice) { self.fee } else { Amount::ZERO }
    }

    /// Returns the amount that the hold keeps from being spent, fee included.
    pub fn held(&self) -> Amount {
        self.remaining().saturating_add(self.fee_due())
    }

    /// Returns whether the hold has expired at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| now >= expires_at) && !is_planted(Bug::ExpiredHoldSettles)
    }

    /// Carries out `drawn`. The caller removes the hold if that ended it.
    pub const fn draw(&mut self, drawn: &Drawn) {
        self.captured = drawn.captured;
    }

    /// Carries out `amended`.
    pub fn amend(&mut self, amended: &Amended) {
        self.expires_at = amended.expires_at;
        if amended.raised.is_zero() {
            return;
        }
        self.amount = self.amount.saturating_add(amended.raised);
        let used = if amended.limited { amended.raised } else { Amount::ZERO };
        if amended.date == self.date {
            self.limit_used = self.limit_used.saturating_add(used);
        } else {
            // The day of the placement is over, so nothing can be returned to it.
            (self.date, self.limit_used, self.counted) = (amended.date, used, false);
        }
    }
}

/// Decides the outcome of `draw` on `hold` at `now`.
///
/// # Errors
/// For a settlement, the first that applies of [`Refusal::AmountZero`], [`Refusal::HoldExpired`] and
/// [`Refusal::CaptureTooLarge`]; for an expiry, [`Refusal::HoldNotDue`]. A void is never refused.
pub fn decide_draw(hold: &Hold, draw: Draw, now: Timestamp) -> Result<Drawn, Refusal> {
    let remaining = hold.remaining();
    let (amount, end) = match draw {
        Draw::Settle { amount: Some(Amount::ZERO), .. } => return Err(Refusal::AmountZero),
        Draw::Settle { .. } if hold.is_over(now) => return Err(Refusal::HoldExpired { hold: hold.id }),
        Draw::Settle { amount: Some(requested), .. } if requested > remaining => {
            return Err(Refusal::CaptureTooLarge { remaining, requested });
        }
        Draw::Settle { amount, last } => {
            let amount = amount.unwrap_or(remaining);
            (amount, (last || amount == remaining).then_some(HoldEnd::Settled))
        }
        Draw::Void { rejected } => (Amount::ZERO, Some(if rejected { HoldEnd::Rejected } else { HoldEnd::Voided })),
        Draw::Expire if hold.is_over(now) => (Amount::ZERO, Some(HoldEnd::Expired)),
        Draw::Expire => return Err(Refusal::HoldNotDue { hold: hold.id }),
    };
    let released = if end.is_some() { remaining.saturating_sub(amount) } else { Amount::ZERO };
    let untouched = hold.captured.is_zero() && amount.is_zero();
    Ok(Drawn {
        amount,
        fee: if amount.is_zero() { Amount::ZERO } else { hold.fee_due() },
        released,
        fee_released: if untouched && end.is_some() { hold.fee } else { Amount::ZERO },
        date: hold.date,
        limit_back: released.min(hold.limit_used),
        uncounted: untouched && end.is_some() && hold.counted,
        captured: hold.captured.saturating_add(amount),
        remaining: if end.is_some() { Amount::ZERO } else { remaining.saturating_sub(amount) },
        end,
    })
}

/// Decides whether `hold` of `account` may be raised to `raise_to` and expire at `expires_at`. `None` leaves the amount
/// or the expiry as it is. `terms` are those of a transfer to the same receiver; their amount is ignored.
///
/// A raise must pass the daily limit and the funds check as a new transfer of the difference would, and the limit per
/// transfer as a transfer of the new amount would. It costs no fee. A hold that awaits verification cannot be raised,
/// because the verdict settles the amount that the verifier was asked about. Its expiry can be changed.
///
/// # Errors
/// The first that applies of [`Refusal::ExpiryPassed`], [`Refusal::HoldExpired`], [`Refusal::HoldLowered`],
/// [`Refusal::HoldAwaitsVerification`], [`Refusal::AccountFrozen`], [`Refusal::LimitPerTransfer`],
/// [`Refusal::LimitPerDay`] and [`Refusal::InsufficientFunds`].
pub fn decide_amend(
    account: &Account,
    hold: &Hold,
    raise_to: Option<Amount>,
    expires_at: Option<Timestamp>,
    terms: &Terms,
    now: Timestamp,
) -> Result<Amended, Refusal> {
    if let Some(expires_at) = expires_at
        && expires_at <= now
    {
        return Err(Refusal::ExpiryPassed { expires_at });
    }
    if hold.is_over(now) {
        return Err(Refusal::HoldExpired { hold: hold.id });
    }
    let raise_to = raise_to.unwrap_or(hold.amount);
    let Some(raised) = raise_to.checked_sub(hold.amount) else {
        return Err(Refusal::HoldLowered { amount: hold.amount, requested: raise_to });
    };
    let mut date = terms.date.max(account.day.date);
    if !raised.is_zero() {
        if hold.requires_verification && !is_planted(Bug::VerifiedHoldRaised) {
            return Err(Refusal::HoldAwaitsVerification { hold: hold.id });
        }
        date = posting::decide_raise(account, raise_to, raised, terms)?;
    }
    let expires_at = expires_at.or(hold.expires_at);
    Ok(Amended { raised, expires_at, date, limited: terms.limited })
}
