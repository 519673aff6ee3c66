//! Verification: what has to be found out about a transfer between its acceptance and its settlement.
//!
//! A transfer that is to be verified is a hold: its money is set aside, and its sender answered at once. The [`Verifier`]
//! then takes as long as it takes, outside the actors, and its verdict settles the hold or gives the money back. A hold
//! whose verification was interrupted, by a crash or a close, is verified again at the next opening: a verifier can be
//! asked twice about one transfer, and its verdict counts once.
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
//! What this module must never do: decide about money. A verdict becomes a command like any other, and the hold's account
//! decides what comes of it.

mod driver;
mod random_delay;

use std::time::Duration;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

pub(crate) use driver::{Driver, Submission, VerdictReady};
pub use random_delay::RandomDelay;

use crate::ledger::{AccountNumber, Amount, CommandId, Details, Position, Timestamp};
use jangbu_runtime::clock::milliseconds;

/// A transfer that waits for its verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The id of the command that asked for it, which is the hold's.
    pub id: CommandId,
    /// The sender.
    pub from: AccountNumber,
    /// The receiver.
    pub to: AccountNumber,
    /// What the receiver is to get, in minor units of the accounts' currency.
    pub amount: Amount,
    /// What the bank takes for it.
    pub fee: Amount,
    /// When it was accepted.
    pub placed_at: Timestamp,
    /// Labels, reference, metadata.
    pub details: Details,
}

/// A transfer in the queue of those that wait for their verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// The hold.
    pub hold: CommandId,
    /// The place of the hold's record in the journal.
    pub position: Position,
    /// How far its verification has come.
    pub stage: VerificationStage,
    /// How often the verifier was asked about it since the bank was opened.
    pub asked: u32,
}

/// How far a verification has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerificationStage {
    /// It waits for its turn, or for a verifier.
    #[default]
    Queued,
    /// The verifier was asked and has not answered.
    Asked,
    /// The verifier did not know, and is asked again after a while.
    WaitsToAskAgain,
}

/// What a verification came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// The transfer is settled.
    Approve,
    /// The money is given back.
    Reject {
        /// Why, for the bank's staff alone; what is beyond 140 characters is cut off.
        reason: String,
        /// Why, for the sender to read; what is beyond 140 bytes is cut off.
        customer_text: Option<String>,
    },
    /// It could not be found out; the verifier is asked again after a while.
    AskAgain {
        /// How long the while is; milliseconds in its serde form.
        #[serde(rename = "after_ms", with = "milliseconds")]
        after: Duration,
    },
}

/// Finds out whether a transfer may be settled.
pub trait Verifier: Send + Sync + 'static {
    /// Looks at one transfer. Many are looked at at the same time, on one thread: the future must not block.
    ///
    /// It may be called again for a transfer that it was asked about before, when the bank was closed meanwhile.
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
