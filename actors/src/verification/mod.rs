//! Verification: the check of a transfer between its acceptance and its settlement.
//!
//! A transfer that awaits verification is a hold: its money is set aside, and its sender gets an answer at once. The
//! [`Verifier`] then takes its time, outside the actors, and its verdict settles the hold or returns the money. If a crash
//! or a close interrupts a verification, the hold is verified again after the next open. A verifier can therefore be
//! called twice for one transfer, but its verdict takes effect once.
//!
//! ```
//! use futures::future::BoxFuture;
//! # use jangbu_actors as jangbu;
//! use jangbu::verification::{Pending, Verdict, Verifier};
//! # use jangbu_actors::{BankError, HoldStatus, HoldView, blocking::Bank, command::*, ledger::*};
//!
//! struct Ceiling;
//!
//! impl Verifier for Ceiling {
//!     fn verify(&self, pending: Pending) -> BoxFuture<'static, Verdict> {
//!         let verdict = match pending.amount.minor_units() {
//!             0..=5_000 => Verdict::Approve,
//!             _ => Verdict::Reject { reason: "too much at once".into(), customer_text: None },
//!         };
//!         Box::pin(std::future::ready(verdict))
//!     }
//! }
//!
//! let bank = Bank::from(jangbu::Bank::builder().verifier(Ceiling).in_memory()?);
//! # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
//! # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?))?;
//! # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?))?;
//! let small = bank.accept(Transfer::new(mina, joon, Amount::new(4_000)?))?.id;
//! let large = bank.accept(Transfer::new(mina, joon, Amount::new(6_000)?))?.id;
//! # let ended = |id| -> Result<HoldView, BankError> {
//! #     loop {
//! #         match bank.hold(id)?.unwrap() {
//! #             hold if hold.status != HoldStatus::Open => return Ok(hold),
//! #             _ => std::thread::sleep(std::time::Duration::from_millis(1)),
//! #         }
//! #     }
//! # };
//! // A moment later:
//! assert_eq!(ended(small)?.status, HoldStatus::Settled);
//! assert_eq!((ended(large)?.status, ended(large)?.reason), (HoldStatus::Rejected, "too much at once".into()));
//! assert_eq!(bank.snapshot(mina)?.available.minor_units(), 6_000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! This module must never decide about money. A verdict becomes a command like any other, and the hold's account decides
//! about it.

mod driver;
mod random_delay;

use std::time::Duration;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

pub(crate) use driver::{Driver, Submission, VerdictReady};
pub use random_delay::RandomDelay;

use crate::ledger::{AccountNumber, Amount, CommandId, Details, Position, Timestamp};
use jangbu_runtime::clock::milliseconds;

/// A transfer that awaits verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The id of the command that requested it, which is the id of the hold.
    pub id: CommandId,
    /// The sender.
    pub from: AccountNumber,
    /// The receiver.
    pub to: AccountNumber,
    /// The amount that the receiver is to get, in minor units of the accounts' currency.
    pub amount: Amount,
    /// The fee that the bank charges.
    pub fee: Amount,
    /// When it was accepted.
    pub placed_at: Timestamp,
    /// Labels, reference, metadata.
    pub details: Details,
}

/// A transfer in the queue of those that await verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// The hold.
    pub hold: CommandId,
    /// The position of the hold's record in the journal.
    pub position: Position,
    /// The stage of its verification.
    pub stage: VerificationStage,
    /// How often the verifier was called for it since the bank was opened.
    pub asked: u32,
}

/// The stage of a verification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerificationStage {
    /// It waits for a slot, or for a bank with a verifier.
    #[default]
    Queued,
    /// The verifier was called and has not answered.
    Asked,
    /// The verifier had no verdict and will be called again later.
    WaitsToAskAgain,
}

/// The result of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// Settles the transfer.
    Approve,
    /// Returns the money to the sender.
    Reject {
        /// The reason for the bank's staff only, cut to 140 characters.
        reason: String,
        /// The reason for the sender, cut to 140 characters.
        customer_text: Option<String>,
    },
    /// No verdict is possible yet; the verifier is called again later.
    AskAgain {
        /// The delay before the next call; in milliseconds when serialized.
        #[serde(rename = "after_ms", with = "milliseconds")]
        after: Duration,
    },
}

/// Decides whether transfers may be settled.
pub trait Verifier: Send + Sync + 'static {
    /// Verifies one transfer. Many verifications run concurrently on one thread, so the future must not block.
    ///
    /// It may be called again for the same transfer, for example if the bank was closed in the meantime.
    fn verify(&self, pending: Pending) -> BoxFuture<'static, Verdict>;
}

/// Approves every transfer at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVerification;

impl Verifier for NoVerification {
    fn verify(&self, _: Pending) -> BoxFuture<'static, Verdict> {
        Box::pin(std::future::ready(Verdict::Approve))
    }
}
