//! Dry runs.

use std::collections::BTreeMap;

use tokio::sync::oneshot;

use super::Bank;
use crate::books::{Basis, WayBack};
use crate::command::{Command, InvalidCommand, Step};
use crate::ledger::{Amount, Body, CommandId, Counted, HoldId, Original, Position, Refusal};
use crate::preview::{Objection, Preview};
use crate::supervisor::{Circumstances, LocateReference, TellCircumstances};
use jangbu_runtime::unreadable;
use jangbu_runtime::{BankError, Error};

impl Bank {
    /// Decides a command that moves or holds money by the same rules, without any effect. Returns the fee, the total
    /// and the remaining funds, or the refusal with its figures and what would be accepted instead.
    ///
    /// The decision is based on the durable state. Concurrent activity can change the real outcome.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*, preview::Preview};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let ask = |amount| Ok::<_, AmountError>(Command::Transfer(Transfer::new(mina, joon, Amount::new(amount)?)));
    /// let Preview::Granted(quote) = bank.preview(&ask(4_000)?).await? else { panic!() };
    /// assert_eq!(quote.headroom.available.minor_units(), 6_000);
    /// let Preview::Refused(objection) = bank.preview(&ask(10_001)?).await? else { panic!() };
    /// assert_eq!(objection.largest, Some(Amount::new(10_000)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a malformed command, and with [`InvalidCommand::NotPreviewed`] for one that moves no money.
    pub async fn preview(&self, command: &Command) -> Result<Preview, Error> {
        let mut normal = command.clone();
        normal.normalize();
        let command = &normal;
        command.check()?;
        let (reply, answer) = oneshot::channel();
        self.inner.supervisor.do_send(TellCircumstances { id: command.id(), reply });
        let found = answer.await.map_err(|_| self.inner.ended())?;
        if let Some(error) = found.clock {
            return Err(error.into());
        }
        let mut holds = BTreeMap::new();
        for hold in named_holds(command) {
            holds.insert(hold, self.hold(hold).await?);
        }
        let mut ways_back = BTreeMap::new();
        for (original, step) in reversed(command) {
            if let Some(way_back) = self.way_back(original, step).await? {
                ways_back.insert((original, step), way_back);
            }
        }
        let Circumstances { now, date, hold_room, .. } = found;
        let basis = Basis { now, date, hold_room, holds, ways_back };
        let asked = command.clone();
        let preview = self.ask(move |books| books.preview(&asked, &basis)).await?;
        let preview = preview.ok_or(InvalidCommand::NotPreviewed)?;
        Ok(self.repeated(command, found.recorded).await?.unwrap_or(preview))
    }

    /// Returns how much of a movement can still be reversed: what its receiver got minus what has been reversed. `None`
    /// if there is no movement with that id and step, or it cannot be reversed.
    ///
    /// It does not consider whether the receiver has that much; [`Bank::preview`] does.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let paid = bank.transfer(Transfer::new(mina, joon, Amount::new(300)?)).await?;
    /// assert_eq!(bank.reversible(paid.id, 0).await?, Some(Amount::new(300)?));
    /// bank.reverse(Reverse::part(paid.id, Amount::new(100)?)).await?;
    /// assert_eq!(bank.reversible(paid.id, 0).await?, Some(Amount::new(200)?));
    /// assert_eq!(bank.reversible(paid.id, 1).await?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn reversible(&self, original: CommandId, step: u8) -> Result<Option<Amount>, BankError> {
        let way_back = self.way_back(original, step).await?;
        Ok(way_back.map(|way_back| way_back.left))
    }

    /// Returns the outcome of a command whose id was already used, or `None` if the id is new.
    async fn repeated(&self, command: &Command, recorded: Option<Position>) -> Result<Option<Preview>, BankError> {
        let (id, content, reader) = (command.id(), command.content(), self.inner.reader.clone());
        self.on_reader(move || {
            let position = match recorded {
                None => reader.find(id).map_err(unreadable)?,
                recorded => recorded,
            };
            let Some(position) = position else { return Ok(None) };
            let record = reader.read(position).map_err(unreadable)?;
            let refused = |refusal| Preview::Refused(Objection { refusal, largest: None, earliest: None });
            Ok(Some(match record.body {
                _ if record.content != content => refused(Refusal::IdReused),
                Body::Refused(first) => refused(first.refusal),
                _ => Preview::Repeated { position },
            }))
        })
        .await?
    }

    /// Returns the reversal of a movement, or `None` if there is nothing to reverse.
    async fn way_back(&self, id: CommandId, step: u8) -> Result<Option<WayBack>, BankError> {
        let Some(position) = self.position_of(id).await? else { return Ok(None) };
        let (reply, answer) = oneshot::channel();
        self.inner.supervisor.do_send(LocateReference { id, reply });
        let recent = answer.await.map_err(|_| self.inner.ended())?;
        let (reader, books) = (self.inner.reader.clone(), self.inner.books.clone());
        self.on_reader(move || {
            let record = reader.read(position).map_err(unreadable)?;
            let Some(original) = Original::of(&record, id, step) else { return Ok(None) };
            let mut next = match recent {
                Some(position) => position,
                None => reader.find_reference(id).map_err(unreadable)?.unwrap_or_default(),
            };
            let mut reversed = Amount::ZERO;
            while next != Position::START {
                match reader.read(next).map_err(unreadable)?.body.reversed_of(id, step) {
                    Counted::InAll(counted) => (reversed, next) = (counted, Position::START),
                    Counted::Before(previous) => next = previous,
                }
            }
            let (sender, receiver) = original.parties;
            let numbers = books.ask_and_wait(move |books| books.numbers_of(&[receiver, sender]));
            let numbers = numbers.ok_or(BankError::Closed)?;
            let [Some(from), Some(to)] = *numbers else { return Ok(None) };
            let (whole, left) = (original.amount, original.amount.saturating_sub(reversed));
            Ok(Some(WayBack { from, to, whole, left }))
        })
        .await?
    }
}

/// Returns the movements that a command reverses: their commands and their numbers.
fn reversed(command: &Command) -> Vec<(CommandId, u8)> {
    match command {
        Command::Reverse(reverse) => vec![(reverse.original, reverse.step)],
        Command::Linked(linked) => linked.steps.iter().filter_map(Step::reversed).collect(),
        _ => Vec::new(),
    }
}

/// Returns the holds that a command draws on or amends.
fn named_holds(command: &Command) -> Vec<HoldId> {
    match command {
        Command::SettleHold(settle) => vec![settle.hold],
        Command::VoidHold(void) => vec![void.hold],
        Command::AmendHold(amend) => vec![amend.hold],
        Command::Linked(linked) => linked.steps.iter().filter_map(Step::drawn_on).collect(),
        _ => Vec::new(),
    }
}
