//! The checks of holds in the offline check: no record draws more from a hold than it has, and the accounts' held and
//! expected amounts match the open holds.

use rustc_hash::FxHashMap;

use super::state::Books;
use super::store::StoreError;
use jangbu_ledger::{AccountId, Amount, Drawn, Hold, HoldDrawn, HoldPosition, Record, Role};

impl Books {
    /// Checks that a record that is not applied yet draws on open holds, for their receivers, and not more than they
    /// have.
    pub(super) fn check_draws(&self, record: &Record) -> Result<(), String> {
        let mut drawn_on: Vec<(HoldPosition, Hold)> = Vec::new();
        let mut wrong = None;
        record.body.for_each_hold(|drawn| {
            let place = drawn.place();
            let known = drawn_on.iter().position(|(known, _)| *known == place);
            let kept = self.accounts.get(&drawn.from).and_then(|held| held.holds.get(&place));
            let at = match (known, kept) {
                (Some(at), _) => at,
                (None, Some(hold)) => {
                    drawn_on.push((place, hold.clone()));
                    drawn_on.len().saturating_sub(1)
                }
                (None, None) => {
                    wrong.get_or_insert(format!("the hold {} is not open", drawn.hold));
                    return;
                }
            };
            let Some((_, hold)) = drawn_on.get_mut(at) else { return };
            if !is_sound(hold, drawn) {
                wrong.get_or_insert(format!("the draw does not match the hold {}", drawn.hold));
            }
            hold.captured = drawn.drawn.captured;
        });
        wrong.map_or(Ok(()), Err)
    }

    /// Checks that the held and expected amounts of every account match the open holds.
    pub(super) fn check_promises(&self) -> Result<(), String> {
        let mut expected: FxHashMap<AccountId, i128> = FxHashMap::default();
        let units = |amount: Amount| i128::from(amount.minor_units());
        let text = |error: StoreError| error.to_string();
        let mut holds = self.every_open_hold().peekable();
        for row in self.every_account() {
            let (id, account) = row.map_err(text)?;
            let (mut sum, mut count) = (0i128, 0usize);
            // Both are in the order of the accounts.
            while let Some(row) = holds.next_if(|row| row.as_ref().map_or(true, |((of, _), _)| *of <= id)) {
                let (_, hold) = row.map_err(text)?;
                (sum, count) = (sum.saturating_add(units(hold.held())), count.saturating_add(1));
                let receiver = expected.entry(hold.to).or_default();
                *receiver = receiver.saturating_add(units(hold.remaining()));
                if let Some(kept) = self.currencies.get(&account.currency) {
                    let fees = expected.entry(kept.fees).or_default();
                    *fees = fees.saturating_add(units(hold.fee_due()));
                }
            }
            if sum != units(account.held) || usize::try_from(account.open_holds) != Ok(count) {
                let (number, kept) = (account.number, account.held);
                let open = account.open_holds;
                return Err(format!(
                    "account {number} holds {kept} for {open} holds, but its {count} open holds add up to {sum}"
                ));
            }
        }
        if holds.next().is_some() {
            return Err("there is a hold of an account that was never opened".to_owned());
        }
        for row in self.every_account() {
            let (id, account) = row.map_err(text)?;
            let sum = expected.get(&id).copied().unwrap_or(0);
            if sum != units(account.pending_in) {
                let (number, found) = (account.number, account.pending_in);
                return Err(format!("account {number} expects {found}, but the open holds for it add up to {sum}"));
            }
        }
        Ok(())
    }

    /// Checks that an account touched by a record can pay what it holds: its balance plus its overdraft covers it.
    pub(super) fn check_word(&self, id: AccountId) -> Result<(), String> {
        let Some(held) = self.accounts.get(&id) else { return Ok(()) };
        let account = &held.account;
        let available = i128::from(account.posted.minor_units())
            .saturating_add(i128::from(account.overdraft.minor_units()))
            .saturating_sub(i128::from(account.held.minor_units()));
        match account.role {
            Role::Customer if available < 0 => {
                let (number, posted, overdraft, kept) =
                    (account.number, account.posted, account.overdraft, account.held);
                Err(format!("account {number} is at {posted} and holds {kept}, beyond its overdraft of {overdraft}"))
            }
            _ => Ok(()),
        }
    }
}

/// Returns whether a draw is consistent with its hold.
fn is_sound(hold: &Hold, drawn: &HoldDrawn) -> bool {
    let Drawn { amount, fee, released, fee_released, captured, remaining, end, .. } = drawn.drawn;
    let left = hold.remaining().checked_sub(amount);
    let (rest, back) = match end {
        Some(_) => (Amount::ZERO, left),
        None => (left.unwrap_or_default(), Some(Amount::ZERO)),
    };
    let fee_due = hold.fee_due();
    let fees = match (amount.is_zero(), end) {
        (false, _) => (fee_due, Amount::ZERO),
        (true, Some(_)) => (Amount::ZERO, fee_due),
        (true, None) => (Amount::ZERO, Amount::ZERO),
    };
    hold.id == drawn.hold
        && hold.to == drawn.to
        && left.is_some()
        && (remaining, Some(released)) == (rest, back)
        && (fee, fee_released) == fees
        && Some(captured) == hold.captured.checked_add(amount)
        && (end.is_some() || !remaining.is_zero())
}
