//! Commands: single ones and batches take the same way.

use std::time::Instant;

use tokio::sync::oneshot;

use super::Bank;
use crate::command::{Answered, CashPosting, ChangeAccount, Command, OpenAccount, Outcome, Receipt, Transfer};
use crate::ledger::{AccountNumber, AccountType, CommandId, Currency, OwnerId, Position, RecordPut, Refusal};
use crate::supervisor::{Answers, ReplyTo};
use jangbu_runtime::{BankError, Error};

impl Bank {
    /// Decides up to 8,192 commands and returns their answers in order, once all are durable.
    ///
    /// The commands are decided independently, in parallel if they touch different accounts: a batch is not atomic.
    /// Transfers, withdrawals and holds paid by the same account are decided in order, whatever they wait for. Changes
    /// of an account, sweeps, transfers of at most an amount and linked steps keep their order with everything on their
    /// accounts. Commands about the same schedule, hold, original, type, owner, currency or application record keep
    /// their order among each other. Settlements and voids keep no order with the rest of their accounts, because their
    /// money was set aside.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let pay = |amount| Ok::<_, AmountError>(Command::Transfer(Transfer::new(mina, joon, Amount::new(amount)?)));
    /// let answers = bank.submit(vec![pay(4_000)?, pay(5_000)?, pay(6_000)?]).await?;
    /// assert!(answers[0].is_ok() && answers[1].is_ok());
    /// assert!(matches!(answers[2], Err(Refusal::InsufficientFunds { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Invalid`] if any command is malformed, or if there are more than the bank admits at once
    /// ([`Builder::max_in_flight`](crate::Builder::max_in_flight)); then none is decided. [`Error::Bank`] as for every
    /// call: with [`BankError::Closed`], none of them happened; with [`BankError::OutcomeUnknown`], any of them may
    /// have.
    pub async fn submit(&self, commands: Vec<Command>) -> Result<Vec<Result<Outcome, Refusal>>, Error> {
        Ok(self.answers(commands).await?.map_or_else(Vec::new, |answers| answers.answers))
    }

    /// Decides commands as [`Bank::submit`] does, and states for each answer whether it is a repetition.
    ///
    /// # Errors
    /// Those of [`Bank::submit`].
    pub async fn execute_all(&self, commands: Vec<Command>) -> Result<Vec<Answered>, Error> {
        Ok(self.answers(commands).await?.map_or_else(Vec::new, Answers::into_answered))
    }

    /// Returns `None` for an empty batch.
    async fn answers(&self, commands: Vec<Command>) -> Result<Option<Answers>, Error> {
        if commands.is_empty() {
            self.inner.check_open()?;
            return Ok(None);
        }
        let (reply, answers) = oneshot::channel();
        self.send(commands, ReplyTo::Many(reply))?;
        let begun = Instant::now();
        let answers = answers.await.map_err(|_| BankError::OutcomeUnknown)??;
        self.inner.meters.activity.count_wait(begun.elapsed());
        Ok(Some(answers))
    }

    /// Moves money from account to account, at most once per id.
    ///
    /// Returns when the record is durable, so a lost answer is safe to retry with the same id.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let transfer = Transfer::new(mina, joon, Amount::new(2_500)?).with_labels("lunch", "from mina");
    /// let receipt = bank.transfer(transfer.clone()).await?;
    /// assert_eq!(receipt.sender_balance.minor_units(), 7_500);
    /// // The same id again, as after a lost answer: the first receipt, and nothing moves.
    /// assert_eq!(bank.transfer(transfer).await?, receipt);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`] with the first reason that applies; nothing moves.
    pub async fn transfer(&self, transfer: Transfer) -> Result<Receipt, Error> {
        self.posting(Command::Transfer(transfer)).await
    }

    /// Deposits cash to an account. The bank's cash account is debited and goes below zero.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let receipt = bank.deposit(CashPosting::new(joon, Amount::new(500)?).with_label("counter")).await?;
    /// assert_eq!(receipt.receiver_balance.minor_units(), 500);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`] with the first reason that applies; nothing moves.
    pub async fn deposit(&self, cash: CashPosting) -> Result<Receipt, Error> {
        self.posting(Command::Deposit(cash)).await
    }

    /// Withdraws cash from an account. It happens at the bank's counter, so it costs no fee and uses no limit.
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`] with the first reason that applies; nothing moves.
    pub async fn withdraw(&self, cash: CashPosting) -> Result<Receipt, Error> {
        self.posting(Command::Withdrawal(cash)).await
    }

    /// Opens an account and returns its number.
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::AccountExists`], [`Refusal::TypeUnknown`], [`Refusal::CurrencyUnknown`] and others.
    pub async fn open_account(&self, open: OpenAccount) -> Result<AccountNumber, Error> {
        match self.one(Command::OpenAccount(Box::new(open))).await? {
            Outcome::Opened { number, .. } => Ok(number),
            _ => Err(BankError::OutcomeUnknown.into()),
        }
    }

    /// Freezes, unfreezes or closes an account, or changes its overdraft, limits or type.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let freeze = Change::Freeze(Freeze { debits: true, credits: false });
    /// bank.change_account(ChangeAccount::new(mina, freeze)).await?;
    /// assert!(bank.transfer(Transfer::new(mina, joon, Amount::new(1)?)).await.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// [`Error::Refused`], for example [`Refusal::NotEmpty`] for closing an account with money on it.
    pub async fn change_account(&self, change: ChangeAccount) -> Result<Position, Error> {
        Ok(self.one(Command::ChangeAccount(Box::new(change))).await?.position())
    }

    /// Creates an account type, or replaces the one with the same code. Transfers in flight keep the terms on which
    /// they were admitted.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let mut savings = AccountType::new(TypeCode::new("savings")?, "savings", Currency::krw());
    /// savings.fee = Amount::new(500)?;
    /// savings.limit_per_day = Some(Amount::new(1_000_000)?);
    /// bank.set_type(savings).await?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// After the first poll, dropping the future only stops the wait: the operation is carried out regardless.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::TypeFixed`] for the built-in type and for another currency.
    pub async fn set_type(&self, account_type: AccountType) -> Result<Position, Error> {
        self.set_type_with_id(CommandId::random(), account_type).await
    }

    /// Works like [`Bank::set_type`], at most once under `id`, so a lost answer is safe to retry.
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// Those of [`Bank::set_type`].
    pub async fn set_type_with_id(&self, id: CommandId, account_type: AccountType) -> Result<Position, Error> {
        Ok(self.one(Command::SetType { id, account_type: Box::new(account_type) }).await?.position())
    }

    /// Sets an owner's number of free transfers, per account and business day.
    ///
    /// After the first poll, dropping the future only stops the wait: the operation is carried out regardless.
    ///
    /// # Errors
    /// [`Error::Invalid`] for the bank itself; [`Error::Bank`] as for every call.
    pub async fn set_owner(&self, owner: OwnerId, free_transfers_per_day: u32) -> Result<Position, Error> {
        self.set_owner_with_id(CommandId::random(), owner, free_transfers_per_day).await
    }

    /// Works like [`Bank::set_owner`], at most once under `id`.
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// Those of [`Bank::set_owner`].
    pub async fn set_owner_with_id(
        &self,
        id: CommandId,
        owner: OwnerId,
        free_transfers_per_day: u32,
    ) -> Result<Position, Error> {
        let command = Command::SetOwner { id, owner: Box::new(owner), free_transfers_per_day };
        Ok(self.one(command).await?.position())
    }

    /// Adds a currency of the bank's own. Currencies of ISO 4217 are added automatically with their first account.
    ///
    /// After the first poll, dropping the future only stops the wait: the operation is carried out regardless.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::CurrencyFixed`] if the bank already has it, or ISO 4217 has it with another
    /// scale.
    pub async fn add_currency(&self, currency: Currency, scale: u8) -> Result<Position, Error> {
        self.add_currency_with_id(CommandId::random(), currency, scale).await
    }

    /// Works like [`Bank::add_currency`], at most once under `id`.
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// Those of [`Bank::add_currency`].
    pub async fn add_currency_with_id(&self, id: CommandId, currency: Currency, scale: u8) -> Result<Position, Error> {
        Ok(self.one(Command::AddCurrency { id, currency, scale }).await?.position())
    }

    /// Writes or deletes up to 16 application records, all or none. Returns the position, which is their version.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let put = |value: &str, version| RecordPut::new("profile", "mina", value).expecting(version);
    /// // Only if there is no such record yet.
    /// let version = bank.put_records(vec![put("one", Position::START)]).await?;
    /// bank.put_records(vec![put("two", version)]).await?;
    /// assert!(bank.put_records(vec![put("three", version)]).await.is_err());
    /// assert_eq!(bank.record("profile", "mina").await?.unwrap().value, b"two");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// After the first poll, dropping the future only stops the wait: the operation is carried out regardless.
    ///
    /// # Errors
    /// [`Error::Refused`]: [`Refusal::RecordConflict`] if a record does not have the expected version.
    pub async fn put_records(&self, puts: Vec<RecordPut>) -> Result<Position, Error> {
        self.put_records_with_id(CommandId::random(), puts).await
    }

    /// Works like [`Bank::put_records`], at most once under `id`.
    ///
    /// After the first poll, dropping the future only stops the wait: the command is carried out regardless. Repeating
    /// it with the same id returns the first answer.
    ///
    /// # Errors
    /// Those of [`Bank::put_records`].
    pub async fn put_records_with_id(&self, id: CommandId, puts: Vec<RecordPut>) -> Result<Position, Error> {
        Ok(self.one(Command::PutRecords { id, puts }).await?.position())
    }

    pub(super) async fn one(&self, command: Command) -> Result<Outcome, Error> {
        Ok(self.execute(command).await?.answer?)
    }

    pub(super) async fn posting(&self, command: Command) -> Result<Receipt, Error> {
        match self.one(command).await? {
            Outcome::Posted(receipt) => Ok(receipt),
            _ => Err(BankError::OutcomeUnknown.into()),
        }
    }

    /// Decides one command, and states whether the answer is a repetition.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// let deposit = Command::Deposit(CashPosting::new(mina, Amount::new(10_000)?));
    /// let first = bank.execute(deposit.clone()).await?;
    /// let again = bank.execute(deposit).await?;
    /// assert_eq!((first.replayed, again.replayed), (false, true));
    /// assert_eq!(first.answer, again.answer);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is malformed; [`Error::Bank`] as for every call. A refusal is returned as an answer,
    /// not as an error.
    pub async fn execute(&self, command: Command) -> Result<Answered, Error> {
        let (reply, answer) = oneshot::channel();
        self.send(vec![command], ReplyTo::One(reply))?;
        let begun = Instant::now();
        match answer.await {
            Ok(answer) => {
                self.inner.meters.activity.count_wait(begun.elapsed());
                Ok(answer?)
            }
            Err(_) => Err(BankError::OutcomeUnknown.into()),
        }
    }
}
