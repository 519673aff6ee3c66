//! What undecided debits have taken from an account, and what it would be without them.

use super::posting::{return_to_day, roll_day};
use crate::{Account, Amount, Balance, BusinessDate, Day, Debited, Drawn, MAX_MINOR_UNITS};

/// What one account's granted debits took from it that may all still be refunded, and what it was without them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// What debits took off the balance.
    total: i128,
    /// What holds set aside.
    held: i128,
    /// How many holds did.
    holds: u32,
    /// The account's day as the decided debits alone have made it.
    decided_day: Day,
}

impl Exposure {
    /// No debit of `account` is undecided.
    pub const fn none(account: &Account) -> Exposure {
        Exposure { total: 0, held: 0, holds: 0, decided_day: account.day }
    }

    /// Whether nothing is undecided.
    pub const fn is_none(&self) -> bool {
        self.total == 0 && self.held == 0 && self.holds == 0
    }

    /// Takes in one more debit or hold, which `account` has just granted.
    pub const fn add(&mut self, debited: &Debited, is_hold: bool) {
        let sum = if is_hold { &mut self.held } else { &mut self.total };
        *sum = sum.saturating_add(total_of(debited));
        self.holds = self.holds.saturating_add(is_hold as u32);
    }

    /// Leaves out a debit or a hold that was taken in before and stays.
    pub fn settle(&mut self, debited: &Debited, is_hold: bool) {
        self.take_off(debited, is_hold);
        // It was within bounds together with more debits.
        self.decided_day = roll_day(self.decided_day, debited).unwrap_or(self.decided_day);
    }

    const fn take_off(&mut self, debited: &Debited, is_hold: bool) {
        let sum = if is_hold { &mut self.held } else { &mut self.total };
        *sum = sum.saturating_sub(total_of(debited));
        self.holds = self.holds.saturating_sub(is_hold as u32);
    }

    /// Notes what came back of the day's counters: no debit that may be refunded has a part in that.
    pub fn draw(&mut self, drawn: &Drawn) {
        self.decided_day = return_to_day(self.decided_day, drawn).unwrap_or(self.decided_day);
    }

    /// Takes `debited` back, whose credit was refused: afterwards `account` is as if it had never been decided, `others`
    /// being the debits that are still undecided.
    ///
    /// The day is made up anew. Taking `debited` off its counters would leave the account on a day that nothing has
    /// happened on, and if the clock then went back behind midnight, the day before would be forgotten.
    ///
    /// The result is `None` when a total would leave its bounds, which only a bug can bring about.
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

    /// The account as it would be if every one of the debits and holds were refunded; `None` out of bounds.
    pub fn refunded(&self, account: &Account) -> Option<Account> {
        let posted = i128::from(account.posted.minor_units()).saturating_add(self.total);
        let posted = Balance::new(i64::try_from(posted).ok()?)?;
        let held = i128::from(account.held.minor_units()).saturating_sub(self.held);
        let held = Amount::new(u64::try_from(held).ok()?).ok()?;
        let open_holds = account.open_holds.saturating_sub(self.holds);
        Some(Account { posted, held, open_holds, day: self.decided_day, ..account.clone() })
    }

    /// Whether a debit of `account` on `date` counts for the same day, whichever of the debits are refunded: not when
    /// one of them turned the account's day, and the clock has gone back behind it.
    pub fn is_day_certain(&self, account: &Account, date: BusinessDate) -> bool {
        date >= account.day.date || self.decided_day.date == account.day.date
    }

    /// Whether `account` has room for `amount`, whichever of the debits are refunded.
    pub fn is_room_certain(&self, account: &Account, amount: Amount) -> bool {
        let coming = i128::from(account.pending_in.minor_units());
        let most = i128::from(account.posted.minor_units()).saturating_add(self.total).saturating_add(coming);
        most.saturating_add(i128::from(amount.minor_units())) <= i128::from(MAX_MINOR_UNITS)
    }
}

const fn total_of(debited: &Debited) -> i128 {
    // Two amounts are far below the bounds of 128 bits.
    (debited.amount.minor_units() as i128).saturating_add(debited.fee.minor_units() as i128)
}
