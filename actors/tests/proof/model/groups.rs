//! Linked steps, all or none.

use jangbu_actors::command::{Linked, PlaceHold, Step};
use jangbu_actors::ledger::{AccountNumber, Currency, HoldEnd, HoldId, Refusal};

use super::{Expected, Model, Movement, own};
use crate::support::units;

type At<T> = Result<T, (usize, Refusal)>;

impl Model {
    pub(super) fn linked(&mut self, linked: &Linked) -> Result<Expected, Refusal> {
        self.all_steps(linked).map_err(|(step, refusal)| {
            let step = u8::try_from(step).unwrap();
            Refusal::Linked { step, refusal: Box::new(refusal) }
        })?;
        Ok(self.recorded())
    }

    fn all_steps(&mut self, linked: &Linked) -> At<()> {
        let mut pairs = Vec::new();
        for (at, step) in linked.steps.iter().enumerate() {
            // First, the checks of every step that need no account.
            pairs.push(self.parties(step).map_err(|refusal| (at, refusal))?);
        }
        for (at, step) in linked.steps.iter().enumerate() {
            // Then the checks of every reversal against earlier reversals.
            if let Some((movement, _)) = self.way_back(step).transpose().map_err(|refusal| (at, refusal))? {
                pairs[at] = (movement.to, movement.from);
            }
        }
        self.check_known(&pairs)?;
        for (at, (from, to)) in pairs.iter().enumerate() {
            self.check_pair(*from, *to).map_err(|refusal| (at, refusal))?;
        }
        for (at, (step, (from, to))) in linked.steps.iter().zip(pairs).enumerate() {
            let answer = self
                .one_step(HoldId::of_step(linked.id, at.try_into().unwrap()), step, from, to)
                .map_err(|refusal| (at, refusal))?;
            match step {
                Step::Reverse { .. } => self.movements.entry(linked.id).or_default().push(None),
                _ => self.note_movement(linked.id, from, to, &answer),
            }
        }
        Ok(())
    }

    fn parties(&self, step: &Step) -> Result<(AccountNumber, AccountNumber), Refusal> {
        match step {
            Step::Transfer { from, to, amount, .. } => {
                Model::check_order(*from, *to, *amount)?;
                Ok((*from, *to))
            }
            Step::Settle { amount: Some(amount), .. } | Step::Reverse { amount: Some(amount), .. }
                if units(*amount) == 0 =>
            {
                Err(Refusal::AmountZero)
            }
            // Not known yet.
            Step::Reverse { .. } => Ok((own("CASH", Currency::krw()), own("CASH", Currency::krw()))),
            Step::Settle { hold, .. } | Step::Void { hold } => {
                let hold = self.open_hold(*hold)?;
                Ok((hold.from, hold.to))
            }
            other => {
                let hold = by_itself(other).unwrap_or_else(|| panic!("the model has no {other:?}"));
                self.check_placing(&hold)?;
                Ok((hold.from, hold.to))
            }
        }
    }

    fn one_step(
        &mut self,
        own: HoldId,
        asked: &Step,
        from: AccountNumber,
        to: AccountNumber,
    ) -> Result<Expected, Refusal> {
        match asked {
            Step::Hold { .. } => self.set_aside(own, &by_itself(asked).unwrap()),
            Step::Transfer { amount, at_most, most_fee, .. } => self.pay(from, to, units(*amount), *at_most, *most_fee),
            Step::Reverse { original, step, .. } => {
                let (_, requested) = self.way_back(asked).unwrap()?;
                self.take_back(*original, *step, requested)
            }
            Step::Settle { hold, amount, last } => self.capture(*hold, amount.map(units), *last),
            Step::Void { hold } => {
                self.open_hold(*hold)?;
                Ok(self.draw(*hold, 0, Some(HoldEnd::Voided)))
            }
        }
    }

    /// Returns the movement that a step reverses and the amount; `None` for another step.
    fn way_back(&self, step: &Step) -> Option<Result<(Movement, i128), Refusal>> {
        let Step::Reverse { original, step, amount, .. } = step else { return None };
        Some(self.left_of(*original, *step, amount.map(units)))
    }

    /// Accounts are looked up in the order of their numbers. The first missing one is reported for the first step that
    /// names it.
    pub(super) fn check_known(&self, pairs: &[(AccountNumber, AccountNumber)]) -> At<()> {
        let mut numbers: Vec<_> = pairs.iter().flat_map(|(from, to)| [*from, *to]).collect();
        numbers.sort_unstable();
        match numbers.into_iter().find(|number| !self.accounts.contains_key(number)) {
            Some(number) => {
                let at = pairs.iter().position(|(from, to)| *from == number || *to == number).unwrap();
                Err((at, Refusal::AccountUnknown { number }))
            }
            None => Ok(()),
        }
    }
}

/// Returns the hold that a step places, as a single command; `None` for another step.
fn by_itself(step: &Step) -> Option<PlaceHold> {
    let Step::Hold { from, to, amount, expires_at, most_fee, details } = step else { return None };
    let (expires_at, most_fee, details) = (*expires_at, *most_fee, details.clone());
    Some(PlaceHold { expires_at, most_fee, details, ..PlaceHold::new(*from, *to, *amount) })
}
