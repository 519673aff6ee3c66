//! The past: movements of money, earlier balances, an owner's accounts.

use tokio::sync::oneshot;

use super::Bank;
use crate::ledger::{AccountNumber, Balance, CommandId, OwnerId, Position, Timestamp};
use crate::past::{
    self, AccountBalance, Found, Moment, Movement, Order, Places, Search, Sources, Telling, Told, TransferQuery, Trial,
    TrialBalance,
};
use crate::supervisor::LocateReference;
use crate::views::{Page, Snapshot};
use jangbu_runtime::{BankError, Error};

impl Bank {
    /// Returns the movement that the command with this id made, whether posted, held or refused; `None` if there is
    /// none. For linked steps, it is the first one; [`Bank::movements_of`] returns all.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let transfer = Transfer::new(mina, joon, Amount::new(1)?);
    /// let id = transfer.id;
    /// bank.transfer(transfer).await?;
    /// assert_eq!(bank.movement(id).await?.unwrap().to, Some(joon));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn movement(&self, id: CommandId) -> Result<Option<Movement>, BankError> {
        Ok(self.movements_of(id).await?.into_iter().next())
    }

    /// Returns the movements that the command with this id made, in the order of its steps.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, MovementKind, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let there = Step::transfer(mina, joon, Amount::new(300)?);
    /// let back = Step::transfer(joon, mina, Amount::new(100)?);
    /// let linked = Linked::new(vec![there, back]);
    /// let id = linked.id;
    /// bank.linked(linked).await?;
    /// let movements = bank.movements_of(id).await?;
    /// assert_eq!(movements.len(), 2);
    /// assert_eq!((movements[1].step, movements[1].amount), (Some(1), Amount::new(100)?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn movements_of(&self, id: CommandId) -> Result<Vec<Movement>, BankError> {
        let Some(position) = self.position_of(id).await? else { return Ok(Vec::new()) };
        let sources = self.sources();
        let mut told = self.on_reader(move || Told::at(&sources, position)).await??;
        let mut places = Places::default();
        loop {
            let sources = self.sources();
            let (telling, again) = self
                .on_reader(move || {
                    let telling = told.go_on(&sources, &places);
                    (telling, told)
                })
                .await?;
            told = again;
            places = match telling? {
                Telling::All(movements) => return Ok(movements),
                Telling::Unplaced(commands) => self.locate(&commands).await?,
            };
        }
    }

    /// Returns movements recorded from `from` until before `to`, oldest first, after the position `after`, including
    /// refused ones. A page examines a limited number of records, so it can be short or empty and still have a next
    /// one.
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn movements(
        &self,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Page<Movement, Position>, BankError> {
        let query = TransferQuery { from, to, after, limit, order: Order::OldestFirst, ..TransferQuery::default() };
        match self.search(Search::new(query).with_refused()).await {
            Ok(page) => Ok(page),
            Err(Error::Bank(error)) => Err(error),
            // No account is part of the query, so none can be unknown.
            Err(other) => Err(BankError::Unreadable(other.to_string())),
        }
    }

    /// Searches movements of money by the fields of `query`: transfers, cash, holds and their outcomes, reversals,
    /// sweeps, and each of several linked steps.
    ///
    /// By account, owner or time, a page takes milliseconds, whatever the size of the journal. Other fields are
    /// compared record by record, up to 200,000 records per page, so a page can be short or empty and still have a next
    /// one.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, MovementKind, Order, TransferQuery, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// bank.transfer(Transfer::new(mina, joon, Amount::new(700)?).with_reference("Rent, May")).await?;
    /// bank.transfer(Transfer::new(mina, joon, Amount::new(30)?).with_labels("tea", "tea")).await?;
    /// let query = TransferQuery { account: Some(mina), ..TransferQuery::default() };
    /// let all = bank.transfers(query.clone()).await?.data;
    /// assert_eq!(all.iter().map(|found| found.amount.minor_units()).collect::<Vec<_>>(), [30, 700, 10_000]);
    ///
    /// let rent = bank.transfers(TransferQuery { text: Some("rent".into()), ..query }).await?.data;
    /// assert_eq!(rent.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`](crate::ledger::Refusal::AccountUnknown) if the account does not exist, except in
    /// queries for refused movements, which can name such accounts.
    pub async fn transfers(&self, query: TransferQuery) -> Result<Page<Movement, Position>, Error> {
        let mut search = Search::new(query);
        if let Some(id) = search.hold_asked_for()
            && let Some(hold) = self.hold(id).await?
        {
            search = search.of_hold(hold);
        }
        self.search(search).await
    }

    async fn search(&self, mut search: Search) -> Result<Page<Movement, Position>, Error> {
        let mut places = Places::default();
        loop {
            let sources = self.sources();
            let (found, again) = self
                .on_reader(move || {
                    let found = search.go_on(&sources, &places);
                    (found, search)
                })
                .await?;
            search = again;
            places = match found? {
                Found::Page(page) => return Ok(page),
                Found::NotYet => Places::default(),
                Found::Unplaced(commands) => self.locate(&commands).await?,
            };
        }
    }

    /// Returns where the latest records about commands are, as far as the sealed part of the journal does not have
    /// them: the ends of holds, which the books know, and reversals.
    ///
    /// Only the supervisor knows. It is asked without blocking a reading thread.
    async fn locate(&self, commands: &[CommandId]) -> Result<Places, BankError> {
        let ask = |id: &CommandId| {
            let (reply, answer) = oneshot::channel();
            self.inner.supervisor.do_send(LocateReference { id: *id, reply });
            (*id, answer)
        };
        // All questions are sent before the first answer is awaited.
        let asked: Vec<_> = commands.iter().map(ask).collect();
        let mut places = Places::default();
        for (id, answer) in asked {
            places.note(id, answer.await.map_err(|_| self.inner.ended())?);
        }
        Ok(places)
    }

    /// Returns up to `limit` accounts of an owner in the order of opening, after `after`.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// let second = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// let page = bank.accounts_of(OwnerId::new("mina")?, None, 10).await?;
    /// assert_eq!(page.data.iter().map(|account| account.number).collect::<Vec<_>>(), [mina, second]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call. An owner without accounts has an empty page.
    pub async fn accounts_of(
        &self,
        owner: OwnerId,
        after: Option<AccountNumber>,
        limit: usize,
    ) -> Result<Page<Snapshot, AccountNumber>, BankError> {
        let (at, limit) = (self.snapshot_time(), jangbu_books::page_size(limit));
        self.ask(move |books| books.accounts_of(&owner, after, limit, at)).await
    }

    /// Returns the balance of an account at a moment in the past, however long ago; `None` before it was opened.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, Moment, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// let first = bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let second = bank.transfer(Transfer::new(mina, joon, Amount::new(2_500)?)).await?;
    /// let then = bank.balance_at(mina, Moment::Position(first.position)).await?;
    /// assert_eq!(then.unwrap().minor_units(), 10_000);
    /// let now = bank.balance_at(mina, Moment::Time(second.recorded_at)).await?;
    /// assert_eq!(now.unwrap().minor_units(), 7_500);
    /// assert_eq!(bank.balance_at(mina, Moment::Position(Position::START)).await?, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`Refusal::AccountUnknown`](crate::ledger::Refusal::AccountUnknown) if the account does not exist, not even now.
    pub async fn balance_at(&self, number: AccountNumber, moment: Moment) -> Result<Option<Balance>, Error> {
        let sources = self.sources();
        self.on_reader(move || past::balance_at(&sources, number, moment)).await?
    }

    /// Returns the trial balance of the whole bank at a moment in the past: the sums of each currency, which add up to
    /// zero.
    ///
    /// Takes about a second per million records between that moment and the nearer end of the journal. Other reads
    /// proceed in the meantime, and no command waits for it.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, Moment, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// let first = bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// bank.deposit(CashPosting::new(joon, Amount::new(500)?)).await?;
    /// let then = bank.trial_balance_at(Moment::Position(first.position)).await?;
    /// assert_eq!((then.currencies[0].customers, then.currencies[0].cash), (10_000, -10_000));
    /// assert!(then.is_balanced());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn trial_balance_at(&self, moment: Moment) -> Result<TrialBalance, BankError> {
        let mut trial = Trial::new(moment);
        loop {
            let sources = self.sources();
            let (drawn_up, again) = self
                .on_reader(move || {
                    let drawn_up = trial.go_on(&sources);
                    (drawn_up, trial)
                })
                .await?;
            if let Some(balance) = drawn_up? {
                return Ok(balance);
            }
            trial = again;
        }
    }

    /// Returns the balances of up to `limit` accounts directly after the record at `position`, in the order of account
    /// numbers, after `after`: the accounts behind a [`TrialBalance`]. Accounts that were opened later are left out, so
    /// a page can be short and still have a next one.
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// # use jangbu_actors::{Bank, Moment, command::*, ledger::*};
    /// # let bank = Bank::in_memory()?;
    /// # let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?)).await?;
    /// # let joon = bank.open_account(OpenAccount::new(OwnerId::new("joon")?)).await?;
    /// # let first = bank.deposit(CashPosting::new(mina, Amount::new(10_000)?)).await?;
    /// let page = bank.balances_at(first.position, None, 100).await?;
    /// let sum: i64 = page.data.iter().map(|account| account.posted.minor_units()).sum();
    /// assert_eq!((page.data.len(), sum), (4, 0), "both accounts, the bank's cash and its fees");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Dropping the future only stops the wait.
    ///
    /// # Errors
    /// [`BankError`] as for every call.
    pub async fn balances_at(
        &self,
        position: Position,
        mut after: Option<AccountNumber>,
        limit: usize,
    ) -> Result<Page<AccountBalance, AccountNumber>, BankError> {
        let mut left = jangbu_books::page_size(limit);
        let mut data = Vec::new();
        while left > 0 {
            let most = left.min(past::ACCOUNTS_PER_JOB);
            let sources = self.sources();
            let page = self.on_reader(move || past::balances_at(&sources, position, after, most)).await??;
            data.extend(page.data);
            after = page.next;
            if after.is_none() {
                break;
            }
            left = left.saturating_sub(most);
        }
        Ok(Page { data, next: after })
    }

    pub(super) fn sources(&self) -> Sources {
        let inner = &self.inner;
        Sources { reader: inner.reader.clone(), books: inner.books.clone() }
    }
}
