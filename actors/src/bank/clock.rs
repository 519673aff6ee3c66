//! The bank's clock: its standing, and its confirmation by an operator.

use tokio::sync::oneshot;

use super::Bank;
use crate::ledger::Timestamp;
use crate::supervisor::{AcceptClock, TellClock};
use jangbu_runtime::BankError;
use jangbu_runtime::clock::ClockState;

impl Bank {
    /// Returns whether the bank trusts its clock.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, clock::ClockStanding};
    /// let bank = Bank::in_memory()?;
    /// assert_eq!(bank.clock_state().await?.standing, ClockStanding::Trusted);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn clock_state(&self) -> Result<ClockState, BankError> {
        self.inner.check_open()?;
        let (reply, answer) = oneshot::channel();
        self.inner.supervisor.do_send(TellClock(reply));
        answer.await.map_err(|_| self.inner.ended())
    }

    /// Confirms a clock that is further ahead of the last record than
    /// [`Builder::clock_lead`](crate::Builder::clock_lead) allows, if it reads no later than `until` plus the lead.
    ///
    /// The bank records the confirmation under the clock's reading or `until`, whichever is earlier, and trusts that
    /// time from then on. Returns the standing of the clock once the record is durable. If the clock is already
    /// trusted, nothing is recorded.
    ///
    /// After the first poll, dropping the future only stops the wait: the operation is carried out regardless.
    ///
    /// # Errors
    /// [`BankError::ClockAhead`] if the clock reads later than `until` plus the lead; nothing is recorded.
    pub async fn accept_clock(&self, until: Timestamp) -> Result<ClockState, BankError> {
        self.inner.check_writable()?;
        let (reply, answer) = oneshot::channel();
        self.inner.supervisor.do_send(AcceptClock { until, reply });
        answer.await.map_err(|_| self.inner.ended())?
    }
}
