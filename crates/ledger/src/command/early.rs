//! The checks that need no account, in the order in which they refuse: one list for the engine and for dry runs.

use super::{Command, PlaceHold, Step};
use crate::{AccountNumber, Amount, Refusal, Schedule, Timestamp};

/// How many more holds a bank can have open.
#[derive(Clone, Copy, Debug)]
pub struct HoldRoom {
    /// How many more there may be.
    pub left: usize,
    /// How many it can have in all.
    pub most: u32,
}

impl HoldRoom {
    /// Checks that one more fits behind `before` others.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] when it does not.
    pub const fn check(self, before: usize) -> Result<(), Refusal> {
        if before < self.left { Ok(()) } else { Err(Refusal::TooMany { most: self.most }) }
    }
}

/// What can be said of a command before any account is asked.
#[derive(Clone, Copy, Debug)]
pub struct EarlyChecks {
    /// The time by which holds expire.
    pub now: Timestamp,
    /// How many more holds there may be.
    pub hold_room: HoldRoom,
}

impl EarlyChecks {
    /// Checks a command that moves or holds money, unless it links steps: these are checked one by one.
    ///
    /// # Errors
    /// The first refusal.
    pub fn command(&self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Transfer(it) => parties(it.from, it.to, it.amount),
            Command::Deposit(cash) | Command::Withdrawal(cash) => not_zero(cash.amount),
            Command::PlaceHold(hold) => {
                let PlaceHold { from, to, amount, expires_at, .. } = **hold;
                parties(from, to, amount)?;
                self.hold(expires_at, 0)
            }
            Command::SettleHold(settle) => settle.amount.map_or(Ok(()), not_zero),
            Command::AmendHold(amend) => self.not_passed(amend.expires_at),
            Command::Reverse(reverse) => reverse.amount.map_or(Ok(()), not_zero),
            Command::Sweep(sweep) => not_same(sweep.account, sweep.against),
            _ => Ok(()),
        }
    }

    /// Checks a schedule that is to be made.
    ///
    /// # Errors
    /// The first refusal.
    pub fn schedule(&self, schedule: &Schedule) -> Result<(), Refusal> {
        parties(schedule.from, schedule.to, schedule.amount.most())
    }

    /// Checks one of several linked steps; `holds` is how many holds the steps before it place.
    ///
    /// # Errors
    /// The first refusal.
    pub fn step(&self, step: &Step, holds: usize) -> Result<(), Refusal> {
        match step {
            Step::Transfer { from, to, amount, .. } => parties(*from, *to, *amount),
            Step::Hold { from, to, amount, expires_at, .. } => {
                parties(*from, *to, *amount)?;
                self.hold(*expires_at, holds)
            }
            Step::Settle { amount, .. } | Step::Reverse { amount, .. } => amount.map_or(Ok(()), not_zero),
            Step::Void { .. } => Ok(()),
        }
    }

    /// Checks that a hold with that expiry can be placed behind `before` others of the same command.
    ///
    /// # Errors
    /// The first refusal.
    pub fn hold(&self, expires_at: Option<Timestamp>, before: usize) -> Result<(), Refusal> {
        self.not_passed(expires_at)?;
        self.hold_room.check(before)
    }

    fn not_passed(&self, expires_at: Option<Timestamp>) -> Result<(), Refusal> {
        match expires_at {
            Some(expires_at) if expires_at <= self.now => Err(Refusal::ExpiryPassed { expires_at }),
            _ => Ok(()),
        }
    }
}

fn parties(from: AccountNumber, to: AccountNumber, amount: Amount) -> Result<(), Refusal> {
    not_zero(amount)?;
    not_same(from, to)
}

fn not_zero(amount: Amount) -> Result<(), Refusal> {
    if amount.is_zero() { Err(Refusal::AmountZero) } else { Ok(()) }
}

fn not_same(from: AccountNumber, to: AccountNumber) -> Result<(), Refusal> {
    if from == to { Err(Refusal::SameAccount) } else { Ok(()) }
}
