//! Holds, linked steps, reversals and sweeps through the handle.

use tokio::sync::oneshot;

use super::Bank;
use crate::command::{
    AmendHold, Command, DrawReceipt, HoldReceipt, Linked, Outcome, PlaceHold, Receipt, RepairReversals, Reverse,
    SettleHold, Sweep, Transfer, VoidHold,
};
use crate::hold_views::{self, Placed};
use crate::ledger::{AccountNumber, HoldId, Position};
use crate::supervisor::LocateReference;
use crate::views::{HoldView, Page};
use jangbu_runtime::{BankError, Error};

impl Bank {
    /// Sets amount and fee aside for a receiver, at most once per id: the first half of a two-phase transfer.
    ///
    /// What is set aside is there when it is settled. The fee is fixed now, and charged once, with the first capture. The
    /// limit of the day is used now, and comes back for what is not captured, if the hold ends on its day.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let hold = bank.place_hold(PlaceHold::new(mina, joon, Amount::new(4_000)?)).await?;
    /// assert_eq!(bank.snapshot(mina).await?.available.minor_units(), 6_000);
    /// let first = bank.settle_hold(SettleHold::part(hold.id, Amount::new(1_500)?).keeping_rest()).await?;
    /// assert_eq!(first.remaining.minor_units(), 2_500);
    /// bank.void_hold(VoidHold::new(hold.id)).await?;
    /// assert_eq!(bank.snapshot(mina).await?.available.minor_units(), 8_500);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same. Asked for again
    /// with the same id, it is answered as it was the first time.
    ///
    /// # Errors
    /// [`Error::Refused`] as for a transfer, and [`Refusal::ExpiryPassed`](crate::ledger::Refusal::ExpiryPassed); nothing is held.
    pub async fn place_hold(&self, hold: PlaceHold) -> Result<HoldReceipt, Error> {
        match self.one(Command::PlaceHold(Box::new(hold))).await? {
            Outcome::Held(receipt) => Ok(receipt),
            _ => Err(BankError::OutcomeUnknown.into()),
        }
    }

    /// Accepts a transfer that the bank's verifier has to look at: its money is held, which is answered at once, and it is
    /// settled or given back when the verification is through. [`Bank::hold`] tells how it stands.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, HoldStatus, command::*, ledger::*, verification::NoVerification};
    /// let bank = Bank::builder().verifier(NoVerification).in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let accepted = bank.accept(Transfer::new(mina, joon, Amount::new(4_000)?)).await?;
    /// assert_eq!(bank.snapshot(mina).await?.available.minor_units(), 6_000);
    /// while bank.hold(accepted.id).await?.unwrap().status == HoldStatus::Open {
    ///     std::thread::sleep(std::time::Duration::from_millis(1));
    /// }
    /// assert_eq!(bank.snapshot(joon).await?.posted.minor_units(), 4_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same. Asked for again
    /// with the same id, it is answered as it was the first time.
    ///
    /// # Errors
    /// [`Error::Refused`] as for a transfer; nothing is held.
    pub async fn accept(&self, transfer: Transfer) -> Result<HoldReceipt, Error> {
        self.place_hold(PlaceHold::for_verification(transfer)).await
    }

    /// Settles a hold, in whole or in part, once or in several captures.
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same. Asked for again
    /// with the same id, it is answered as it was the first time.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::HoldSettled`](crate::ledger::Refusal::HoldSettled), [`Refusal::HoldVoided`](crate::ledger::Refusal::HoldVoided), [`Refusal::HoldExpired`](crate::ledger::Refusal::HoldExpired),
    /// [`Refusal::HoldUnknown`](crate::ledger::Refusal::HoldUnknown), [`Refusal::CaptureTooLarge`](crate::ledger::Refusal::CaptureTooLarge); nothing moves.
    pub async fn settle_hold(&self, settle: SettleHold) -> Result<DrawReceipt, Error> {
        self.drawing(Command::SettleHold(settle)).await
    }

    /// Voids a hold: what is left of it goes back.
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same. Asked for again
    /// with the same id, it is answered as it was the first time.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::HoldSettled`](crate::ledger::Refusal::HoldSettled), [`Refusal::HoldVoided`](crate::ledger::Refusal::HoldVoided), [`Refusal::HoldExpired`](crate::ledger::Refusal::HoldExpired),
    /// [`Refusal::HoldUnknown`](crate::ledger::Refusal::HoldUnknown).
    pub async fn void_hold(&self, void: VoidHold) -> Result<DrawReceipt, Error> {
        self.drawing(Command::VoidHold(void)).await
    }

    /// Extends a hold, or raises it where the funds allow.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let hold = bank.place_hold(PlaceHold::new(mina, joon, Amount::new(4_000)?)).await?;
    /// let raise_to = |amount| AmendHold::raise(hold.id, amount);
    /// bank.amend_hold(raise_to(Amount::new(9_000)?)).await?;
    /// assert_eq!(bank.snapshot(mina).await?.available.minor_units(), 1_000);
    /// // More than the account has: the hold stays as it is.
    /// assert!(bank.amend_hold(raise_to(Amount::new(10_001)?)).await.is_err());
    /// assert_eq!(bank.hold(hold.id).await?.unwrap().amount.minor_units(), 9_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same. Asked for again
    /// with the same id, it is answered as it was the first time.
    ///
    /// # Errors
    /// [`Error::Refused`] as for a transfer of the difference, [`Refusal::HoldLowered`](crate::ledger::Refusal::HoldLowered), and for a raise
    /// [`Refusal::HoldAwaitsVerification`](crate::ledger::Refusal::HoldAwaitsVerification); the hold stays as it is.
    pub async fn amend_hold(&self, amend: AmendHold) -> Result<Position, Error> {
        Ok(self.one(Command::AmendHold(Box::new(amend))).await?.position())
    }

    /// Carries out up to 64 steps, all or none, as one record.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # let sora = bank.open_account(OpenAccount::new(OwnerId::new("sora")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// // Joon has nothing: the second step spends what the first brings.
    /// let all = Amount::new(10_000)?;
    /// bank.linked(Linked::new(vec![Step::transfer(mina, joon, all), Step::transfer(joon, sora, all)])).await?;
    /// assert_eq!(bank.snapshot(sora).await?.posted.minor_units(), 10_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same. Asked for again
    /// with the same id, it is answered as it was the first time.
    ///
    /// # Errors
    /// [`Error::Refused`] with [`Refusal::Linked`](crate::ledger::Refusal::Linked), which tells the step and its reason; nothing moves.
    pub async fn linked(&self, linked: Linked) -> Result<Position, Error> {
        Ok(self.one(Command::Linked(linked)).await?.position())
    }

    /// Takes an earlier movement back, in whole or in part, without fee, limit or quota.
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same. Asked for again
    /// with the same id, it is answered as it was the first time.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::NotReversible`](crate::ledger::Refusal::NotReversible), [`Refusal::ReversalTooLarge`](crate::ledger::Refusal::ReversalTooLarge), and what can refuse a transfer from the
    /// original's receiver.
    pub async fn reverse(&self, reverse: Reverse) -> Result<Receipt, Error> {
        self.posting(Command::Reverse(Box::new(reverse))).await
    }

    /// Returns what was reversed of a movement beyond its amount, and states what has been reversed from then on.
    ///
    /// [`check`](crate::check::check) names the journals that need it: no command of this version leads to one. The record
    /// is `ReversalsRepaired`. All of the original's reversals are read for
    /// it, in about a second for a million records behind the original.
    ///
    /// The outcome is [`Outcome::Posted`], or [`Outcome::Recorded`] where nothing had to be returned and only the
    /// reversals did not follow from each other.
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same. Asked for again
    /// with the same id, it is answered as it was the first time.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::NotReversible`](crate::ledger::Refusal::NotReversible), [`Refusal::ReversalsSound`](crate::ledger::Refusal::ReversalsSound), [`Refusal::Archived`](crate::ledger::Refusal::Archived) when some of it is
    /// archived, and what can refuse a transfer from the original's sender, who got too much.
    pub async fn repair_reversals(&self, repair: RepairReversals) -> Result<Outcome, Error> {
        self.one(Command::RepairReversals(repair)).await
    }

    /// Brings an account to zero, or to another target, against a second account.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let till = bank.open_account(OpenAccount::new(OwnerId::new("shop")?)).await?;
    /// # let safe = bank.open_account(OpenAccount::new(OwnerId::new("shop")?)).await?;
    /// # bank.deposit(CashPosting::new(till, Amount::new(180_000)?)).await?;
    /// // All but the change for tomorrow.
    /// let change = Balance::new(50_000).unwrap();
    /// let receipt = bank.sweep(Sweep::to_zero(till, safe).with_target(change)).await?;
    /// assert_eq!((receipt.amount.minor_units(), receipt.sender_balance), (130_000, change));
    /// // The till lacks what it paid out meanwhile: now the safe gives.
    /// bank.withdraw(CashPosting::new(till, Amount::new(20_000)?)).await?;
    /// bank.sweep(Sweep::to_zero(till, safe).with_target(change)).await?;
    /// assert_eq!(bank.snapshot(safe).await?.posted.minor_units(), 110_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future once it was polled ends the wait alone: what was asked for happens all the same. Asked for again
    /// with the same id, it is answered as it was the first time.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::NothingToSweep`](crate::ledger::Refusal::NothingToSweep), and what can refuse a transfer between the two.
    pub async fn sweep(&self, sweep: Sweep) -> Result<Receipt, Error> {
        self.posting(Command::Sweep(Box::new(sweep))).await
    }

    /// The hold of that id, open or ended; `None` when none was placed under it. A hold that linked steps placed has the id of
    /// their command with the number of the step ([`HoldId::of_step`]).
    ///
    /// Dropping the future ends the wait, and nothing else.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn hold(&self, id: impl Into<HoldId>) -> Result<Option<HoldView>, BankError> {
        let id = id.into();
        let Some(placed) = self.position_of(id.command()).await? else { return Ok(None) };
        let (reader, books) = (self.inner.reader.clone(), self.inner.books.clone());
        let found = self.on_reader(move || hold_views::placed(&*reader, &books, id, placed)).await??;
        let Some(Placed { view, is_ended }) = found else { return Ok(None) };
        if !is_ended {
            return Ok(Some(view));
        }
        // The books have its end, so that is durable.
        let (reply, answer) = oneshot::channel();
        self.inner.supervisor.do_send(LocateReference { id: id.key(), reply });
        let recent = answer.await.map_err(|_| self.inner.ended())?;
        let reader = self.inner.reader.clone();
        self.on_reader(move || hold_views::ended(&*reader, view, recent).map(Some)).await?
    }

    /// The open holds of an account, in the order in which they were placed.
    ///
    /// Dropping the future ends the wait, and nothing else.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`](crate::ledger::Refusal::AccountUnknown) when there is no such account.
    pub async fn holds(&self, number: AccountNumber) -> Result<Vec<HoldView>, Error> {
        let (mut holds, mut after) = (Vec::new(), None);
        loop {
            let page = self.holds_after(number, after, jangbu_books::LARGEST_PAGE).await?;
            holds.extend(page.data);
            after = page.next;
            if after.is_none() {
                return Ok(holds);
            }
        }
    }

    /// Up to `limit` open holds of an account, in the order in which they were placed, after those that were placed by the
    /// record at `after`. The holds of one record stay together, so that a page can have up to 63 more.
    ///
    /// Dropping the future ends the wait, and nothing else.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`](crate::ledger::Refusal::AccountUnknown) when there is no such account.
    pub async fn holds_after(
        &self,
        number: AccountNumber,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Page<HoldView, Position>, Error> {
        let (reader, books) = (self.inner.reader.clone(), self.inner.books.clone());
        let (after, limit) = (after.unwrap_or(Position::START), jangbu_books::page_size(limit));
        self.on_reader(move || hold_views::open(&*reader, &books, number, after, limit)).await?
    }

    async fn drawing(&self, command: Command) -> Result<DrawReceipt, Error> {
        match self.one(command).await? {
            Outcome::Drawn(receipt) => Ok(receipt),
            _ => Err(BankError::OutcomeUnknown.into()),
        }
    }
}
