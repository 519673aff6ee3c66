//! Expired holds in books that are read-only.

use super::BooksError;
use super::state::Books;
use jangbu_ledger::{AccountId, Draw, Hold, HoldDrawn, HoldPosition, Timestamp, apply, decide_draw};

/// The state of a hold in the books.
pub enum Standing {
    /// The hold is open.
    Open(Hold),
    /// The hold has expired, but no record says so yet. Contains its state until then.
    Expired(Hold),
    /// A record ended the hold, or it never existed.
    Ended,
}

impl Books {
    /// Treats the open holds that have expired at `now` as the bank will record them first when it is opened for
    /// writing. Balances and lists then show what could be spent.
    ///
    /// Only for a read-only bank: no record says so, and none of it is ever stored.
    ///
    /// # Errors
    /// If the store fails.
    pub fn let_expire(&mut self, now: Timestamp) -> Result<(), BooksError> {
        for id in self.accounts_with_stored_holds()? {
            self.load(id)?;
        }
        let holds = self.accounts.iter().flat_map(|(id, held)| held.holds.iter().map(|(at, hold)| (*id, *at, hold)));
        let over: Vec<(AccountId, HoldPosition, Hold)> =
            holds.filter(|(_, _, hold)| hold.is_over(now)).map(|(id, at, hold)| (id, at, hold.clone())).collect();
        for (from, place, hold) in over {
            self.let_one_expire((from, place), &hold, now)?;
        }
        Ok(())
    }

    fn let_one_expire(
        &mut self,
        (from, place): (AccountId, HoldPosition),
        hold: &Hold,
        now: Timestamp,
    ) -> Result<(), BooksError> {
        let placed = place.position;
        let wrong = |what: String| BooksError::Replay { position: placed, what };
        let drawn = decide_draw(hold, Draw::Expire, now).map_err(|refusal| wrong(refusal.to_string()))?;
        let currency = self.account(from)?.map(|account| account.currency);
        let fees = currency.and_then(|currency| self.currencies.get(&currency)).map(|kept| kept.fees);
        let fees = fees.ok_or_else(|| wrong("its account has no currency".into()))?;
        let draw = HoldDrawn { hold: hold.id, placed, from, to: hold.to, fees, drawn, reason: None };
        let mut failed = None;
        draw.for_each_leg(&mut |id, event| {
            let outcome = match self.load(id) {
                Ok(Some(held)) => {
                    let version = held.account.version;
                    let applied = apply(&mut held.account, event).map_err(|fault| wrong(fault.to_string()));
                    // The journal has no record of this expiry yet, so the version stays.
                    held.account.version = version;
                    applied
                }
                Ok(None) => Err(wrong("an account is not there".into())),
                Err(error) => Err(error.into()),
            };
            failed = failed.take().or(outcome.err());
        });
        if let Some(held) = self.load(from)? {
            held.holds.remove(&place);
        }
        self.expired.insert((from, place), hold.clone());
        failed.map_or(Ok(()), Err)
    }
}
