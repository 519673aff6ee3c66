//! Several steps, all or none.

use jangbu_actors::command::{Linked, Step};
use jangbu_actors::ledger::{AccountNumber, HoldEnd, Refusal};

use super::{Expected, Model};
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
            // First what can be said of every step without a look at an account.
            pairs.push(self.parties(step).map_err(|refusal| (at, refusal))?);
        }
        self.check_known(&pairs)?;
        for (at, (from, to)) in pairs.iter().enumerate() {
            self.check_pair(*from, *to).map_err(|refusal| (at, refusal))?;
        }
        for (at, (step, (from, to))) in linked.steps.iter().zip(pairs).enumerate() {
            let answer = self.one_step(step, from, to).map_err(|refusal| (at, refusal))?;
            self.note_movement(linked.id, from, to, &answer);
        }
        Ok(())
    }

    fn parties(&self, step: &Step) -> Result<(AccountNumber, AccountNumber), Refusal> {
        match step {
            Step::Transfer { from, to, amount, .. } => {
                Model::check_order(*from, *to, *amount)?;
                Ok((*from, *to))
            }
            Step::Settle { amount: Some(amount), .. } if units(*amount) == 0 => Err(Refusal::AmountZero),
            Step::Settle { hold, .. } | Step::Void { hold } => {
                let hold = self.open_hold(*hold)?;
                Ok((hold.from, hold.to))
            }
            other => panic!("the model has no {other:?}"),
        }
    }

    fn one_step(&mut self, step: &Step, from: AccountNumber, to: AccountNumber) -> Result<Expected, Refusal> {
        match step {
            Step::Transfer { amount, at_most, .. } => self.pay(from, to, units(*amount), *at_most, None),
            Step::Settle { hold, amount, last } => self.capture(*hold, amount.map(units), *last),
            Step::Void { hold } => {
                self.open_hold(*hold)?;
                Ok(self.draw(*hold, 0, Some(HoldEnd::Voided)))
            }
            other => panic!("the model has no {other:?}"),
        }
    }

    /// Accounts are looked for in the order of their numbers; the first that is missing is reported for the first step
    /// that names it.
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
