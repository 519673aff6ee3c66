//! Holds, the two-phase transfers: money that is set aside for a receiver, to be settled, voided or left to expire.
//!
//! The rules of pending, posting, voiding and timeout follow TigerBeetle's documented ones (two-phase transfers), with
//! captures in several parts and amendments added. The fee is fixed when the hold is placed and taken once, with the
//! first capture.

use serde::{Deserialize, Serialize};

use super::posting;
use crate::{Account, AccountId, Amount, BusinessDate, Debited, HoldId, Refusal, Terms, Timestamp};
use jangbu_plant::{Bug, is_planted};

/// An open hold, as the account that pays it keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// By which it is settled and voided.
    pub id: HoldId,
    /// The receiver.
    pub to: AccountId,
    /// What the receiver may get in all.
    pub amount: Amount,
    /// What the receiver got of it.
    pub captured: Amount,
    /// What the bank takes with the first capture.
    pub fee: Amount,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// From when on it can no longer be settled; `None` for a hold that stays until it is ended.
    pub expires_at: Option<Timestamp>,
    /// The business date whose limit it used last: that of the placement, or of a later raise.
    pub date: BusinessDate,
    /// How much of that day's limit it used.
    pub limit_used: Amount,
    /// Whether it used one of that day's free transfers.
    pub counted: bool,
    /// Whether it waits for its verification, and is settled or voided by it.
    pub verified: bool,
}

/// What a debit that is to become a hold has to say beside its [`Terms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldTerms {
    /// The id of the hold.
    pub id: HoldId,
    /// The receiver.
    pub to: AccountId,
    /// When it is placed.
    pub placed_at: Timestamp,
    /// From when on it can no longer be settled.
    pub expires_at: Option<Timestamp>,
    /// Whether it waits for its verification.
    pub verified: bool,
}

/// How a hold ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldEnd {
    /// Settled: used up, or closed with the last capture.
    Settled,
    /// Voided by command.
    Voided,
    /// Voided because its verification rejected it.
    Rejected,
    /// Its time was over.
    Expired,
}

/// What is asked of a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// Give the receiver `amount`, or all that is left; with `last`, give the rest back.
    Settle {
        /// How much; `None` for all that is left.
        amount: Option<Amount>,
        /// Whether the hold is closed with it.
        last: bool,
    },
    /// Give everything that is left back.
    Void {
        /// Whether the verification rejected it.
        rejected: bool,
    },
    /// Give everything that is left back, because the time is over.
    Expire,
}

/// The event of money leaving a hold: to the receiver and the bank, or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// What the receiver gets.
    pub amount: Amount,
    /// What the bank gets on top: the hold's fee with the first capture, else zero.
    pub fee: Amount,
    /// What is given back to the account of what the receiver might have got.
    pub released: Amount,
    /// The fee that is given back, because nothing was captured.
    pub fee_released: Amount,
    /// The business date whose limit the hold used.
    pub date: BusinessDate,
    /// What comes back of that day's limit, if the day is not over.
    pub limit_back: Amount,
    /// Whether one of that day's free transfers comes back, if the day is not over.
    pub uncounted: bool,
    /// What the receiver got of the hold in all, this included.
    pub captured: Amount,
    /// What the receiver may still get.
    pub remaining: Amount,
    /// How the hold ended; `None` when it is still open.
    pub end: Option<HoldEnd>,
}

/// The event of a hold being amended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amended {
    /// By how much the amount was raised; zero when it was not.
    pub raised: Amount,
    /// When the hold expires from now on.
    pub expires_at: Option<Timestamp>,
    /// The business date whose limit the raise uses.
    pub date: BusinessDate,
    /// Whether the raise uses that day's limit.
    pub limited: bool,
}

impl Hold {
    /// The hold as it is right after `debited` was granted on `terms`.
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
            verified: terms.verified,
        }
    }

    /// What the receiver may still get.
    pub const fn remaining(&self) -> Amount {
        self.amount.saturating_sub(self.captured)
    }

    /// The fee that is still to be taken.
    pub fn fee_due(&self) -> Amount {
        if self.captured.is_zero() || is_planted(Bug::HoldFeeTwice) { self.fee } else { Amount::ZERO }
    }

    /// What the hold keeps from being spent.
    pub fn held(&self) -> Amount {
        self.remaining().saturating_add(self.fee_due())
    }

    /// Whether it can no longer be settled at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| now >= expires_at) && !is_planted(Bug::ExpiredHoldSettles)
    }

    /// Carries out `drawn`; the hold is gone when that ends it.
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
            // The day of the placement is over: nothing of it can come back.
            (self.date, self.limit_used, self.counted) = (amended.date, used, false);
        }
    }
}

/// Decides what happens when `draw` is asked of `hold` at the moment `now`.
///
/// # Errors
/// The first that applies of [`Refusal::AmountZero`], [`Refusal::HoldExpired`] and [`Refusal::CaptureTooLarge`] for a
/// settlement; [`Refusal::HoldNotDue`] for an expiry.
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

/// Decides whether `hold` of `account` may be raised to `raise_to` and expire at `expires_at` from now on; what is not
/// given stays. `terms` are those of a transfer to the same receiver; their amount is not looked at.
///
/// A raise has to pass the limits and the funds as a new transfer of the difference would, and the limit per transfer as one
/// of the new amount. It bears no fee. A hold that waits for its verification is not raised: what its verdict settles is the
/// amount that was asked about. Its expiry can be moved, as no verdict is about that.
///
/// # Errors
/// The first that applies of [`Refusal::ExpiryPassed`], [`Refusal::HoldExpired`], [`Refusal::HoldLowered`],
/// [`Refusal::HoldAwaitsVerification`], [`Refusal::AccountFrozen`], [`Refusal::LimitPerTransfer`], [`Refusal::LimitPerDay`] and [`Refusal::InsufficientFunds`].
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
        if hold.verified && !is_planted(Bug::VerifiedHoldRaised) {
            return Err(Refusal::HoldAwaitsVerification { hold: hold.id });
        }
        date = posting::decide_raise(account, raise_to, raised, terms)?;
    }
    let expires_at = expires_at.or(hold.expires_at);
    Ok(Amended { raised, expires_at, date, limited: terms.limited })
}
