//! The effect of undecided debits on an account, and its state without them.

use super::posting::{return_to_day, roll_day};
use crate::{Account, Amount, Balance, BusinessDate, Day, Debited, Drawn, MAX_MINOR_UNITS};

/// The sum of an account's granted debits that may still be refunded, and the account's day without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Total taken off the balance by undecided debits, fees included.
    total: i128,
    /// Total set aside by undecided holds, fees included.
    held: i128,
    /// The number of undecided holds.
    holds: u32,
    /// The account's day as the decided debits alone have made it.
    decided_day: Day,
}

impl Exposure {
    /// Returns the exposure of an account without undecided debits.
    pub const fn none(account: &Account) -> Exposure {
        Exposure { total: 0, held: 0, holds: 0, decided_day: account.day }
    }

    /// Returns whether no debit is undecided.
    pub const fn is_none(&self) -> bool {
        self.total == 0 && self.held == 0 && self.holds == 0
    }

    /// Adds a debit or hold that the account has just granted.
    pub const fn add(&mut self, debited: &Debited, is_hold: bool) {
        let sum = if is_hold { &mut self.held } else { &mut self.total };
        *sum = sum.saturating_add(total_of(debited));
        self.holds = self.holds.saturating_add(is_hold as u32);
    }

    /// Removes a debit or hold that is now final.
    pub fn settle(&mut self, debited: &Debited, is_hold: bool) {
        self.take_off(debited, is_hold);
        // The same debit was within bounds together with others, so it is within bounds alone.
        self.decided_day = roll_day(self.decided_day, debited).unwrap_or(self.decided_day);
    }

    const fn take_off(&mut self, debited: &Debited, is_hold: bool) {
        let sum = if is_hold { &mut self.held } else { &mut self.total };
        *sum = sum.saturating_sub(total_of(debited));
        self.holds = self.holds.saturating_sub(is_hold as u32);
    }

    /// Applies what `drawn` returns to the day's counters. Only final holds are drawn on, so no undecided debit is
    /// involved.
    pub fn draw(&mut self, drawn: &Drawn) {
        self.decided_day = return_to_day(self.decided_day, drawn).unwrap_or(self.decided_day);
    }

    /// Takes back `debited`, because its credit was refused. Afterwards `account` is as if the debit had never been
    /// granted. `others` are the debits that are still undecided.
    ///
    /// The day is recomputed from the decided debits and `others`. Subtracting `debited` from the counters would leave
    /// the account on a day on which nothing happened; if the clock then went back past midnight, the counters of the
    /// day before would be lost.
    ///
    /// Returns `None` if a total would leave its bounds, which only a bug can cause.
    #[must_use]
    pub fn refund<'a>(
        &mut self,
        account: &mut Account,
        debited: &Debited,
        is_hold: bool,
        mut others: impl Iterator<Item = &'a Debited>,
    ) -> Option<()> {
        let total = debited.total()?;
        let (mut posted, mut held, mut open_holds) = (account.posted, account.held, account.open_holds);
        if is_hold {
            (held, open_holds) = (held.checked_sub(total)?, open_holds.checked_sub(1)?);
        } else {
            posted = posted.credit(total)?;
        }
        account.day = others.try_fold(self.decided_day, roll_day)?;
        self.take_off(debited, is_hold);
        (account.posted, account.held, account.open_holds) = (posted, held, open_holds);
        account.version = account.version.saturating_sub(1);
        Some(())
    }

    /// Returns the account as it would be if every undecided debit and hold were refunded, or `None` out of bounds.
    pub fn refunded(&self, account: &Account) -> Option<Account> {
        let posted = i128::from(account.posted.minor_units()).saturating_add(self.total);
        let posted = Balance::new(i64::try_from(posted).ok()?)?;
        let held = i128::from(account.held.minor_units()).saturating_sub(self.held);
        let held = Amount::new(u64::try_from(held).ok()?).ok()?;
        let open_holds = account.open_holds.saturating_sub(self.holds);
        Some(Account { posted, held, open_holds, day: self.decided_day, ..account.clone() })
    }

    /// Returns whether a debit on `date` counts for the same day whichever undecided debits are refunded. It does not
    /// if one of them advanced the account's day and the clock has gone back since.
    pub fn is_day_certain(&self, account: &Account, date: BusinessDate) -> bool {
        date >= account.day.date || self.decided_day.date == account.day.date
    }

    /// Returns whether `account` can take `amount` whichever undecided debits are refunded.
    pub fn is_room_certain(&self, account: &Account, amount: Amount) -> bool {
        let coming = i128::from(account.pending_in.minor_units());
        let most = i128::from(account.posted.minor_units()).saturating_add(self.total).saturating_add(coming);
        most.saturating_add(i128::from(amount.minor_units())) <= i128::from(MAX_MINOR_UNITS)
    }
}

const fn total_of(debited: &Debited) -> i128 {
    // The sum of two amounts is far within the bounds of 128 bits.
    (debited.amount.minor_units() as i128).saturating_add(debited.fee.minor_units() as i128)
}
