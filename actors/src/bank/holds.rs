//! Holds, linked steps, reversals and sweeps.

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
    /// Sets the amount and the fee aside for a receiver, at most once per id: the first half of a two-phase transfer.
    ///
    /// The money stays available to the hold until it is settled. The fee is fixed now and charged once, with the first
    /// capture. The hold uses the daily limit now; the part that is not captured is returned to the limit if the hold
    /// ends on the same day.
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
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`] as for a transfer, and [`Refusal::ExpiryPassed`](crate::ledger::Refusal::ExpiryPassed); nothing is held.
    pub async fn place_hold(&self, hold: PlaceHold) -> Result<HoldReceipt, Error> {
        match self.one(Command::PlaceHold(Box::new(hold))).await? {
            Outcome::Held(receipt) => Ok(receipt),
            _ => Err(BankError::OutcomeUnknown.into()),
        }
    }

    /// Accepts a transfer that the bank's verifier has to approve. The call holds the money and returns at once; the
    /// verdict settles or voids the hold later. [`Bank::hold`] returns its status.
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
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`] as for a transfer; nothing is held.
    pub async fn accept(&self, transfer: Transfer) -> Result<HoldReceipt, Error> {
        self.place_hold(PlaceHold::for_verification(transfer)).await
    }

    /// Settles a hold, completely or in part, once or in several captures.
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::HoldSettled`](crate::ledger::Refusal::HoldSettled), [`Refusal::HoldVoided`](crate::ledger::Refusal::HoldVoided), [`Refusal::HoldExpired`](crate::ledger::Refusal::HoldExpired),
    /// [`Refusal::HoldUnknown`](crate::ledger::Refusal::HoldUnknown), [`Refusal::CaptureTooLarge`](crate::ledger::Refusal::CaptureTooLarge); nothing moves.
    pub async fn settle_hold(&self, settle: SettleHold) -> Result<DrawReceipt, Error> {
        self.drawing(Command::SettleHold(settle)).await
    }

    /// Voids a hold: the rest of it goes back to the sender.
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::HoldSettled`](crate::ledger::Refusal::HoldSettled), [`Refusal::HoldVoided`](crate::ledger::Refusal::HoldVoided), [`Refusal::HoldExpired`](crate::ledger::Refusal::HoldExpired),
    /// [`Refusal::HoldUnknown`](crate::ledger::Refusal::HoldUnknown).
    pub async fn void_hold(&self, void: VoidHold) -> Result<DrawReceipt, Error> {
        self.drawing(Command::VoidHold(void)).await
    }

    /// Extends a hold, or raises it if there is enough money.
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
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
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
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`] with [`Refusal::Linked`](crate::ledger::Refusal::Linked), which contains the step and its
    /// reason; nothing moves.
    pub async fn linked(&self, linked: Linked) -> Result<Position, Error> {
        Ok(self.one(Command::Linked(linked)).await?.position())
    }

    /// Reverses an earlier movement, completely or in part, without a fee and without using limits or free transfers.
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::NotReversible`](crate::ledger::Refusal::NotReversible), [`Refusal::ReversalTooLarge`](crate::ledger::Refusal::ReversalTooLarge), and what can refuse a transfer from the
    /// original's receiver.
    pub async fn reverse(&self, reverse: Reverse) -> Result<Receipt, Error> {
        self.posting(Command::Reverse(Box::new(reverse))).await
    }

    /// Corrects a movement that was reversed by more than its amount: returns the excess, and records the total
    /// reversed from then on.
    ///
    /// [`check`](crate::check::check) reports journals that need it. No command of this version leads to one. The
    /// record is `ReversalsRepaired`. All reversals of the original are read, which takes about a second per million
    /// records after the original.
    ///
    /// The outcome is [`Outcome::Posted`], or [`Outcome::Recorded`] if nothing had to be returned because only the
    /// chain of the reversals was broken.
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::NotReversible`](crate::ledger::Refusal::NotReversible), [`Refusal::ReversalsSound`](crate::ledger::Refusal::ReversalsSound), [`Refusal::Archived`](crate::ledger::Refusal::Archived) when some of it is
    /// archived, and what can refuse a transfer from the original's sender, who got too much.
    pub async fn repair_reversals(&self, repair: RepairReversals) -> Result<Outcome, Error> {
        self.one(Command::RepairReversals(repair)).await
    }

    /// Brings an account to a zero balance, or to another target, against a second account.
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
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::NothingToSweep`](crate::ledger::Refusal::NothingToSweep), and the refusals of a transfer between the two.
    pub async fn sweep(&self, sweep: Sweep) -> Result<Receipt, Error> {
        self.posting(Command::Sweep(Box::new(sweep))).await
    }

    /// Returns the hold with that id, open or ended; `None` if there is none. A hold placed by a linked step has the id
    /// of the command with the number of the step ([`HoldId::of_step`]).
    ///
    /// Dropping the future only stops the wait.
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
        // The books have recorded its end, so the end is durable.
        let (reply, answer) = oneshot::channel();
        self.inner.supervisor.do_send(LocateReference { id: id.key(), reply });
        let recent = answer.await.map_err(|_| self.inner.ended())?;
        let reader = self.inner.reader.clone();
        self.on_reader(move || hold_views::ended(&*reader, view, recent).map(Some)).await?
    }

    /// Returns the open holds of an account in the order of placement.
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`](crate::ledger::Refusal::AccountUnknown) if the account does not exist.
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

    /// Returns up to `limit` open holds of an account in the order of placement, after those of the record at `after`.
    /// The holds of one record stay together, so a page can have up to 63 more.
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`](crate::ledger::Refusal::AccountUnknown) if the account does not exist.
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
