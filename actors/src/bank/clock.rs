//! The clock through the handle: how it stands, and the operator's word on it.

use tokio::sync::oneshot;

use super::Bank;
use crate::ledger::Timestamp;
use crate::supervisor::{AcceptClock, TellClock};
use jangbu_runtime::BankError;
use jangbu_runtime::clock::ClockState;

impl Bank {
    /// What the bank makes of its clock.
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
    /// Dropping the future ends the wait, and nothing else.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn clock_state(&self) -> Result<ClockState, BankError> {
        self.inner.check_open()?;
        let (reply, answer) = oneshot::channel();
        self.inner.supervisor.do_send(TellClock(reply));
        answer.await.map_err(|_| self.inner.ended())
    }

    /// Says that the clock is right although it reads further past the last record than the lead allows
    /// ([`Builder::clock_lead`](crate::Builder::clock_lead)), provided that it reads no later than `until`, or by no more
    /// than the lead.
    ///
    /// That is recorded, under what the clock reads or `until`, whichever is earlier; from then on that is the trusted time.
    /// Returns how the clock stands when the record is durable. Where the clock is believed already, nothing is recorded.
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same.
    ///
    /// # Errors
    /// [`BankError::ClockAhead`] when the clock reads more than the lead past `until`; nothing is recorded.
    pub async fn accept_clock(&self, until: Timestamp) -> Result<ClockState, BankError> {
        self.inner.check_writable()?;
        let (reply, answer) = oneshot::channel();
        self.inner.supervisor.do_send(AcceptClock { until, reply });
        answer.await.map_err(|_| self.inner.ended())?
    }
}
