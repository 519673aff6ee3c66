//! The plan of a command that needs several accounts to itself: which step asks what of whom.

use crate::account::Ticket;
use crate::command::{Command, Step, Transfer};
use crate::ledger::{AccountNumber, Amount, Balance, Details, Draw, HoldId, PostingKind, Refusal, Timestamp};

use super::core::Core;
use super::groups::Group;
use super::holds::linked_refusal;
use super::reversals::asked_back;

/// One step as it was planned.
pub(super) struct Planned {
    pub(super) from: AccountNumber,
    pub(super) to: AccountNumber,
    pub(super) action: Action,
}

/// What a step does.
pub(super) enum Action {
    Move {
        kind: PostingKind,
        amount: Amount,
        at_most: bool,
        most_fee: Option<Amount>,
        details: Option<Box<Details>>,
    },
    Draw {
        hold: HoldId,
        draw: Draw,
    },
    Amend {
        hold: HoldId,
        raise_to: Option<Amount>,
        expires_at: Option<Timestamp>,
    },
    Hold {
        amount: Amount,
        expires_at: Option<Timestamp>,
        most_fee: Option<Amount>,
        details: Option<Box<Details>>,
    },
    /// Its direction and amount depend on the balance, and are planned when the accounts are locked.
    Sweep {
        target: Balance,
        details: Option<Box<Details>>,
    },
}

impl Action {
    /// The way back of an earlier movement.
    pub(super) fn reversal(amount: Amount, details: Option<Box<Details>>) -> Action {
        let details = details.filter(|details| !details.is_empty());
        Action::Move { kind: PostingKind::Reversal, amount, at_most: false, most_fee: None, details }
    }
}

impl Core {
    /// Begins a command that needs accounts to itself: plans its steps and locks the first account.
    pub(super) fn begin_group(&mut self, ticket: Ticket) {
        let Some(flight) = self.flights.get(ticket) else { return };
        let planned = match &flight.command {
            Command::Linked(linked) => {
                let (steps, mut holds) = (linked.steps.iter().enumerate(), 0);
                let mut plan = |step: &Step| {
                    let planned = self.plan(step, holds)?;
                    holds = holds.saturating_add(usize::from(matches!(step, Step::Hold { .. })));
                    Ok(planned)
                };
                steps
                    .filter_map(|(number, step)| plan(step).map_err(|wrong: Wrong| wrong.of_step(number)).transpose())
                    .collect()
            }
            Command::Transfer(Transfer { from, to, amount, at_most, most_fee, details, .. }) => {
                plan_transfer(*from, *to, *amount, (*at_most, *most_fee), details.clone()).map(|step| vec![step])
            }
            Command::AmendHold(amend) if amend.expires_at.is_some_and(|at| at <= self.schedule_time()) => {
                let expires_at = amend.expires_at.unwrap_or_default();
                Err(Wrong::Refused(Refusal::ExpiryPassed { expires_at }))
            }
            Command::AmendHold(amend) => {
                let (hold, raise_to, expires_at) = (amend.hold, amend.raise_to, amend.expires_at);
                let action = Action::Amend { hold, raise_to, expires_at };
                self.plan_for_hold(hold, action).map(|step| vec![step])
            }
            Command::Sweep(sweep) if sweep.account == sweep.against => Err(Wrong::Refused(Refusal::SameAccount)),
            Command::Sweep(sweep) => {
                let action = Action::Sweep { target: sweep.target, details: sweep.details.clone() };
                Ok(vec![Planned { from: sweep.account, to: sweep.against, action }])
            }
            _ => return self.broken("a command about one account was begun as a group"),
        };
        let reverses = !asked_back(&flight.command).is_empty();
        match planned {
            Ok(steps) if reverses => self.begin_reversals(ticket, Group::planned(steps)),
            Ok(steps) => self.lock_accounts(ticket, Group::planned(steps)),
            Err(Wrong::Refused(refusal)) => self.refuse(ticket, refusal),
            Err(Wrong::NotOpen(hold)) => self.seek_hold(ticket, hold),
        }
    }

    /// What the step is to do; `None` for a reversal, which is planned once its original is known. `holds` is how many holds the
    /// steps before it place.
    fn plan(&self, step: &Step, holds: usize) -> Result<Option<Planned>, Wrong> {
        let planned = match step {
            Step::Transfer { from, to, amount, at_most, most_fee, details } => {
                plan_transfer(*from, *to, *amount, (*at_most, *most_fee), details.clone())
            }
            Step::Settle { amount: Some(Amount::ZERO), .. } | Step::Reverse { amount: Some(Amount::ZERO), .. } => {
                Err(Wrong::Refused(Refusal::AmountZero))
            }
            Step::Reverse { .. } => return Ok(None),
            Step::Hold { from, to, amount, expires_at, most_fee, details } => {
                check_parties(*from, *to, *amount)
                    .and_then(|()| self.check_hold(*expires_at, holds))
                    .map_err(Wrong::Refused)?;
                let details = details.clone().filter(|details| !details.is_empty());
                let (amount, expires_at, most_fee) = (*amount, *expires_at, *most_fee);
                Ok(Planned { from: *from, to: *to, action: Action::Hold { amount, expires_at, most_fee, details } })
            }
            Step::Settle { hold, amount, last } => {
                let draw = Draw::Settle { amount: *amount, last: *last };
                self.plan_for_hold(*hold, Action::Draw { hold: *hold, draw })
            }
            Step::Void { hold } => {
                let draw = Draw::Void { rejected: false };
                self.plan_for_hold(*hold, Action::Draw { hold: *hold, draw })
            }
        };
        planned.map(Some)
    }

    fn plan_for_hold(&self, hold: HoldId, action: Action) -> Result<Planned, Wrong> {
        let open = self.open_holds.get(hold).ok_or(Wrong::NotOpen(hold))?;
        Ok(Planned { from: open.from, to: open.to, action })
    }
}

fn plan_transfer(
    from: AccountNumber,
    to: AccountNumber,
    amount: Amount,
    (at_most, most_fee): (bool, Option<Amount>),
    details: Option<Box<Details>>,
) -> Result<Planned, Wrong> {
    check_parties(from, to, amount).map_err(Wrong::Refused)?;
    let details = details.filter(|details| !details.is_empty());
    Ok(Planned { from, to, action: Action::Move { kind: PostingKind::Transfer, amount, at_most, most_fee, details } })
}

/// What can be said of a movement between two accounts before any is asked.
fn check_parties(from: AccountNumber, to: AccountNumber, amount: Amount) -> Result<(), Refusal> {
    if amount.is_zero() {
        return Err(Refusal::AmountZero);
    }
    if from == to { Err(Refusal::SameAccount) } else { Ok(()) }
}

/// Why a step cannot be planned.
enum Wrong {
    Refused(Refusal),
    /// The hold is not open; why is to be found out.
    NotOpen(HoldId),
}

impl Wrong {
    fn of_step(self, number: usize) -> Wrong {
        match self {
            Wrong::Refused(refusal) => Wrong::Refused(linked_refusal(number, refusal)),
            Wrong::NotOpen(hold) => Wrong::NotOpen(hold),
        }
    }
}
