//! Recomputes debits and credits: fee, limits, free transfers, funds, and the date for which a debit counts.

use super::terms::Asked;
use super::{Before, Look};
use jangbu_ledger::{
    Account, AccountId, Amount, BusinessDate, DayClock, Debited, Event, HoldId, HoldPlaced, Posted, PostingKind, Role,
    Terms, Timestamp, decide_credit, decide_debit, decide_hold,
};

/// The bank's business dates. The two moments of a record are usually close to those of the previous record.
pub(super) struct Dates {
    decided: DayClock,
    recorded: DayClock,
}

impl Dates {
    pub(super) fn new(day: DayClock) -> Dates {
        Dates { decided: day.clone(), recorded: day }
    }
}

impl Look<'_> {
    /// Checks money that moved, in the whole record or in one of its steps.
    pub(super) fn posted(
        &mut self,
        before: &mut Before<'_>,
        posted: &Posted,
        date: BusinessDate,
    ) -> Result<(), String> {
        let debited = posted.debited(date);
        let is_alone = matches!(posted.kind, PostingKind::Deposit | PostingKind::Withdrawal);
        self.debit(before, posted.kind, (posted.from, posted.to), debited, is_alone, decide_debit)?;
        check_roles(before, posted)?;
        check_fee_account(before, posted.from, posted.fee, posted.fees)?;
        before.apply(posted.from, Event::Debited(debited))?;
        check_credit(before, posted.to, posted.amount)?;
        before.apply(posted.to, Event::Credited(posted.amount))?;
        if posted.fee.is_zero() { Ok(()) } else { before.apply(posted.fees, Event::Credited(posted.fee)) }
    }

    /// Checks money that was set aside, by the whole record or by one of its steps.
    pub(super) fn held(
        &mut self,
        before: &mut Before<'_>,
        id: HoldId,
        placed: &HoldPlaced,
        date: BusinessDate,
    ) -> Result<(), String> {
        if let Some(expires_at) = placed.expires_at.filter(|at| *at <= self.record.decided_at) {
            let decided_at = self.record.decided_at;
            return Err(format!("the hold was over at {expires_at}, before it was placed at {decided_at}"));
        }
        let debited = placed.debited(date);
        let (parties, is_alone) = ((placed.from, placed.to), id.step().is_none());
        self.debit(before, PostingKind::Transfer, parties, debited, is_alone, decide_hold)?;
        check_fee_account(before, placed.from, placed.fee, placed.fees)?;
        before.apply(placed.from, Event::Held(debited))?;
        check_credit(before, placed.to, placed.amount)?;
        before.apply(placed.to, Event::Expected(placed.amount))?;
        if placed.fee.is_zero() { Ok(()) } else { before.apply(placed.fees, Event::Expected(placed.fee)) }
    }

    /// Decides a debit again. `is_alone` is set if it was decided in one step and not as part of a group.
    fn debit(
        &mut self,
        before: &mut Before<'_>,
        kind: PostingKind,
        (from, to): (AccountId, AccountId),
        debited: Debited,
        is_alone: bool,
        decide: fn(&Account, &Terms) -> Result<Debited, jangbu_ledger::Refusal>,
    ) -> Result<(), String> {
        let receiver = before.account(to)?.clone();
        let books = before.books;
        let sender = &*before.account(from)?;
        self.check_date(sender, debited.date, is_alone)?;
        let is_over = debited.date < sender.day.date;
        let asked = Asked { kind, sender, receiver: &receiver, amount: debited.amount, date: debited.date };
        self.on_some_terms(books, asked, |terms| {
            if is_over {
                // It was decided before midnight, and a debit after midnight came before it, so the counters of its own
                // day are no longer known.
                let fits = debited.fee.is_zero() || debited.fee == terms.fee;
                let flags = (debited.limited, debited.counted) == (terms.limited, !terms.exempt);
                return if fits && flags { Ok(()) } else { Err(differs(sender, &debited, terms.fee)) };
            }
            match decide(sender, terms) {
                Ok(right) if right == debited => Ok(()),
                Ok(right) if right.fee != debited.fee => Err(differs(sender, &debited, right.fee)),
                Ok(right) => Err(format!(
                    "the {} of account {} is recorded as {debited:?}, but the rules give {right:?}",
                    debited.amount, sender.number
                )),
                Err(why) => Err(format!("account {} could not pay {}: {why}", sender.number, debited.amount)),
            }
        })
    }

    /// Checks that a debit counts for the day on which it was decided, or for the account's day if that is later.
    fn check_date(&mut self, sender: &Account, date: BusinessDate, is_alone: bool) -> Result<(), String> {
        let today = self.dates.decided.date_of(self.record.decided_at);
        let right = today.max(sender.day.date);
        if date == right || date == today {
            return Ok(());
        }
        // A group decides its steps one after another until it is recorded.
        let last = self.dates.recorded.date_of(self.record.recorded_at).max(right);
        // The clock may have gone back in between, but not before the decision or the previous record.
        let (decided_at, recorded_at) = (self.record.decided_at, self.record.recorded_at);
        let after_last = Timestamp::from_ns(self.last_recorded_at.as_ns().saturating_add(1));
        let first = if recorded_at == decided_at || recorded_at == after_last { sender.day.date } else { right };
        if !is_alone && (first..=last).contains(&date) {
            return Ok(());
        }
        Err(format!("the debit of account {} counts for {date}, but was decided for {right}", sender.number))
    }
}

fn differs(sender: &Account, debited: &Debited, right: Amount) -> String {
    let (number, amount, fee) = (sender.number, debited.amount, debited.fee);
    format!("account {number} paid a fee of {fee} for {amount}, but its terms and free transfers give {right}")
}

/// Checks that the receiver could take it. Money from a hold is not checked, because it was when the hold was placed.
fn check_credit(before: &mut Before<'_>, to: AccountId, amount: Amount) -> Result<(), String> {
    let receiver = before.account(to)?;
    let number = receiver.number;
    decide_credit(receiver, amount).map_err(|why| format!("account {number} could not take {amount}: {why}"))
}

/// Checks that cash moves against the bank's cash account, and everything else between customers.
fn check_roles(before: &mut Before<'_>, posted: &Posted) -> Result<(), String> {
    let roles = (before.account(posted.from)?.role, before.account(posted.to)?.role);
    let right = match posted.kind {
        PostingKind::Deposit => (Role::Cash, Role::Customer),
        PostingKind::Withdrawal => (Role::Customer, Role::Cash),
        PostingKind::Transfer | PostingKind::Sweep | PostingKind::Reversal => (Role::Customer, Role::Customer),
    };
    if roles == right {
        return Ok(());
    }
    let (from, to) = (before.account(posted.from)?.number, before.account(posted.to)?.number);
    Err(format!("a {:?} goes from account {from} to account {to}", posted.kind))
}

/// Checks that the fee goes to the bank's fee account of the currency.
pub(super) fn check_fee_account(
    before: &mut Before<'_>,
    from: AccountId,
    fee: Amount,
    fees: AccountId,
) -> Result<(), String> {
    if fee.is_zero() {
        return Ok(());
    }
    let currency = before.account(from)?.currency;
    match before.books.currencies.get(&currency) {
        Some(kept) if kept.fees == fees => Ok(()),
        _ => Err(format!("a fee of {fee} goes to account {fees}, which is not the fee account of {currency}")),
    }
}
