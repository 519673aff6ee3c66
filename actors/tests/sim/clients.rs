//! The application under test: working clients, a concurrent auditor, and what they do first after a crash.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{Either, select};
use jangbu_actors::command::{Command, InvalidCommand, MAX_BATCH, Outcome};
use jangbu_actors::ledger::{CommandId, Position, Refusal};
use jangbu_actors::{Bank, BankError, Error};
use jangbu_sim::{Failure, Report, Simulation, World};

use crate::notes::{Answer, Notes};
use crate::{auditor, bounds, promises, settings, workload};

/// The longest time that a client waits before it gives up.
const PATIENCE_US: u64 = 20_000;

/// How long a client waits before it retries after `Overloaded`.
const AFTER_OVERLOAD: Duration = Duration::from_micros(500);

/// Several hundred times what a run takes, so that a client that waits forever is detected early.
const MOST_STEPS: u64 = 200_000;

/// The amount of work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) clients: usize,
    pub(crate) commands_each: usize,
}

/// Runs a simulation of clients that work through the plan.
pub(crate) fn simulate(seed: u64, plan: Plan) -> Result<(Report<()>, Rc<RefCell<Notes>>), Failure> {
    let notes = Rc::new(RefCell::new(Notes::default()));
    let kept = Rc::clone(&notes);
    let simulation = Simulation::new(seed).steps(MOST_STEPS).bank(move |builder| settings::drawn(seed, builder));
    let report = simulation.run(move |bank, world| work(bank, world, Rc::clone(&kept), plan))?;
    Ok((report, notes))
}

async fn work(bank: Bank, world: World, notes: Rc<RefCell<Notes>>, plan: Plan) -> Result<(), Error> {
    let desk = Desk { bank, world, notes };
    desk.ask_again().await?;
    desk.ask(workload::setup()).await?;
    let stop = Rc::new(Cell::new(false));
    let auditor = {
        let (desk, stop) = (desk.clone(), Rc::clone(&stop));
        desk.world.clone().spawn(async move { auditor::watch(&desk, &stop).await })
    };
    let client = |number| {
        let desk = desk.clone();
        desk.world.clone().spawn(async move { desk.client(number, plan.commands_each).await })
    };
    let clients: Vec<_> = (0..plan.clients).map(client).collect();
    for client in clients {
        client.await?;
    }
    stop.set(true);
    auditor.await?;
    desk.ask_again().await?;
    auditor::closing_audit(&desk).await
}

/// The state of one client.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) bank: Bank,
    pub(crate) world: World,
    pub(crate) notes: Rc<RefCell<Notes>>,
}

impl Desk {
    async fn client(&self, number: usize, commands: usize) -> Result<(), Error> {
        loop {
            let done = self.notes.borrow().done.get(&number).copied().unwrap_or(0);
            if done >= commands {
                return Ok(());
            }
            match self.world.below(15) {
                14 => self.malformed().await?,
                0 => self.repeat().await?,
                1 => self.reuse().await?,
                2 => self.give_up().await?,
                3 => self.look_up().await?,
                5 => {
                    let reversals = promises::reversals_of_one(&self.world, &self.notes.borrow());
                    self.ask(reversals).await?;
                }
                4 => self.world.sleep(Duration::from_micros(self.world.below(50_000))).await,
                _ => {
                    let count = 1 + self.world.below(4);
                    let commands = (0..count).map(|_| self.draw()).collect();
                    self.ask(commands).await?;
                    *self.notes.borrow_mut().done.entry(number).or_default() += usize::try_from(count).unwrap();
                }
            }
        }
    }

    fn draw(&self) -> Command {
        workload::draw(&self.world, &self.notes.borrow())
    }

    /// Sends a new command and notes the answer.
    pub(crate) async fn ask(&self, mut commands: Vec<Command>) -> Result<(), Error> {
        {
            let mut notes = self.notes.borrow_mut();
            commands.retain(|command| !notes.received.contains_key(&command.id()));
            notes.asked.extend(commands.iter().cloned());
        }
        let ids: Vec<CommandId> = commands.iter().map(Command::id).collect();
        let answers = match <[Command; 1]>::try_from(commands) {
            Ok([command]) => vec![self.ask_one(command).await?],
            Err(commands) => self.submit(commands).await?,
        };
        assert_eq!(answers.len(), ids.len(), "each command has an answer");
        let last = answers.iter().flatten().map(Outcome::position).max();
        for (id, answer) in ids.into_iter().zip(answers) {
            self.notes.borrow_mut().note(id, answer);
        }
        if let Some(last) = last
            && self.world.below(4) == 0
        {
            // A query after an answer must show its effect.
            let accounts = self.bank.accounts(None, auditor::ALL).await?.data;
            let shown = accounts.iter().map(|account| account.position).max().unwrap_or_default();
            let durable = self.note_durable();
            assert!(durable >= last, "answered at {last}, durable through {durable}");
            let is_money = |answer: &Answer| matches!(answer, Ok(Outcome::Posted(receipt)) if receipt.position == last);
            let moved = self.notes.borrow().received.values().any(is_money);
            assert!(!moved || shown >= last, "money moved at {last}, and the accounts are shown as of {shown}");
        }
        Ok(())
    }

    /// Sends several commands at once, again while the bank is overloaded.
    async fn submit(&self, commands: Vec<Command>) -> Result<Vec<Answer>, Error> {
        let mut answers = Vec::new();
        for part in commands.chunks(settings::LEAST_IN_FLIGHT) {
            answers.extend(loop {
                match self.bank.submit(part.to_vec()).await {
                    Err(Error::Bank(BankError::Overloaded)) => self.world.sleep(AFTER_OVERLOAD).await,
                    answered => break answered?,
                }
            });
        }
        Ok(answers)
    }

    /// Sends a command through its own call, if there is one.
    async fn ask_one(&self, command: Command) -> Result<Answer, Error> {
        loop {
            let answer = match command.clone() {
                Command::Transfer(transfer) => self.bank.transfer(transfer).await.map(Outcome::Posted),
                Command::Deposit(cash) => self.bank.deposit(cash).await.map(Outcome::Posted),
                Command::Withdrawal(cash) => self.bank.withdraw(cash).await.map(Outcome::Posted),
                other => return Ok(self.submit(vec![other]).await?.remove(0)),
            };
            match answer {
                Ok(outcome) => return Ok(Ok(outcome)),
                Err(Error::Refused(refusal)) => return Ok(Err(refusal)),
                Err(Error::Bank(BankError::Overloaded)) => self.world.sleep(AFTER_OVERLOAD).await,
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends a malformed command. The error says what is wrong, and the id stays free.
    async fn malformed(&self) -> Result<(), Error> {
        let (bound, command) = bounds::beyond_a_limit(&self.world);
        let said = match self.bank.submit(vec![command.clone()]).await {
            Err(Error::Invalid(said)) => said,
            // The bank has failed, or is about to be opened again.
            Err(Error::Bank(error)) if error != BankError::Overloaded => return Err(error.into()),
            other => panic!("{command:?} is beyond {}, and was answered {other:?}", bound.name),
        };
        let text = format!("{said:?}");
        assert!(text.contains(bound.says), "{command:?} is beyond {}, and is said to be {text}", bound.name);
        assert_eq!(self.bank.movement(command.id()).await?, None, "the id of {command:?} is used");
        if self.world.below(24) == 0 {
            let batch = vec![command.clone(); MAX_BATCH + 1];
            match self.bank.submit(batch).await {
                Err(Error::Invalid(said @ InvalidCommand::BatchTooLarge { .. })) => {
                    self.notes.borrow_mut().malformed.push((command.clone(), said, "MAX_BATCH"));
                }
                Err(Error::Bank(error)) => return Err(error.into()),
                other => panic!("a batch that is too large was answered {other:?}"),
            }
        }
        self.notes.borrow_mut().malformed.push((command, said, bound.name));
        Ok(())
    }

    /// Repeats a command that was answered or is being waited for: the answer is the same.
    async fn repeat(&self) -> Result<(), Error> {
        let Some(command) = self.any_asked() else { return Ok(()) };
        let id = command.id();
        let answer = self.ask_one(command).await?;
        self.notes.borrow_mut().note(id, answer);
        Ok(())
    }

    /// Sends another command with an id that is taken.
    async fn reuse(&self) -> Result<(), Error> {
        let Some(before) = self.any_asked() else { return Ok(()) };
        if !self.notes.borrow().received.contains_key(&before.id()) {
            return Ok(());
        }
        let mut command = self.draw();
        match &mut command {
            Command::Transfer(transfer) => transfer.id = before.id(),
            Command::Deposit(cash) | Command::Withdrawal(cash) => cash.id = before.id(),
            _ => return Ok(()),
        }
        if command != before {
            assert_eq!(self.ask_one(command).await?, Err(Refusal::IdReused), "the id of {before:?}");
            self.notes.borrow_mut().reused += 1;
        }
        Ok(())
    }

    /// Sends a command without waiting for the answer.
    async fn give_up(&self) -> Result<(), Error> {
        let command = self.draw();
        let patience = self.world.sleep(Duration::from_micros(self.world.below(PATIENCE_US)));
        match select(pin!(self.ask(vec![command])), pin!(patience)).await {
            Either::Left((asked, _)) => asked,
            Either::Right(((), _)) => Ok(()),
        }
    }

    /// Looks up the outcome of a command, which may be in flight.
    async fn look_up(&self) -> Result<(), Error> {
        let Some(command) = self.any_asked() else { return Ok(()) };
        let received = self.notes.borrow().received.get(&command.id()).cloned();
        let movement = self.bank.movement(command.id()).await?;
        if let Some(movement) = &movement {
            let durable = self.note_durable();
            assert!(movement.position <= durable, "shown ahead of what is durable, {durable}: {movement:?}");
        }
        match received {
            Some(Ok(outcome)) if is_movement(&command) => {
                let movement = movement.unwrap_or_else(|| panic!("{outcome:?} is not there"));
                // A verified transfer is listed at the record that ended it.
                let (there, received) = (movement.position, outcome.position());
                let is_right = if movement.requires_verification { received <= there } else { received == there };
                assert!(is_right, "{outcome:?}: {movement:?}");
            }
            Some(Ok(_)) => assert_eq!(movement, None, "{command:?} moved nothing"),
            _ => {}
        }
        Ok(())
    }

    /// Returns an earlier command, answered or not; half of the time a recent one.
    fn any_asked(&self) -> Option<Command> {
        let notes = self.notes.borrow();
        let (all, late) = (notes.asked.len() as u64, self.world.below(2) == 0);
        let back = self.world.below(if late { all.min(6) } else { all });
        notes.asked.iter().rev().nth(usize::try_from(back).unwrap()).cloned()
    }

    /// Repeats every earlier command: answered ones get the same answer, and others have either happened completely or
    /// happen now.
    pub(crate) async fn ask_again(&self) -> Result<(), Error> {
        let open = self.notes.borrow().open();
        let answered: Vec<Command> = {
            let notes = self.notes.borrow();
            notes.asked.iter().filter(|command| notes.received.contains_key(&command.id())).cloned().collect()
        };
        let ids: Vec<CommandId> = answered.iter().map(Command::id).collect();
        let answers = self.submit(answered).await?;
        for (id, answer) in ids.into_iter().zip(answers) {
            self.notes.borrow_mut().note(id, answer);
        }
        for command in open {
            self.ask_whether(command).await?;
        }
        Ok(())
    }

    /// Repeats a command that may or may not have happened.
    async fn ask_whether(&self, command: Command) -> Result<(), Error> {
        let id = command.id();
        let movement = self.bank.movement(id).await?;
        let answer = self.ask_one(command.clone()).await?;
        if let Some(movement) = movement {
            // It happened, as the answer shows.
            assert_eq!(movement.refusal.as_ref(), answer.as_ref().err(), "{command:?}");
            let position = answer.as_ref().map_or(movement.position, Outcome::position);
            // A verified transfer is listed at the record that ended it.
            let is_there = if movement.requires_verification {
                position <= movement.position
            } else {
                position == movement.position
            };
            assert!(is_there, "{command:?}: {position}, {movement:?}");
        }
        self.notes.borrow_mut().note(id, answer);
        Ok(())
    }

    /// Notes the durable position that the bank reports.
    pub(crate) fn note_durable(&self) -> Position {
        let durable = self.bank.stats().durable;
        let mut notes = self.notes.borrow_mut();
        assert!(durable >= notes.durable, "the bank was durable through {}, and is through {durable}", notes.durable);
        notes.durable = durable;
        durable
    }
}

/// Returns whether the command, if it is not refused, makes movements.
const fn is_movement(command: &Command) -> bool {
    matches!(
        command,
        Command::Transfer(_)
            | Command::Deposit(_)
            | Command::Withdrawal(_)
            | Command::PlaceHold(_)
            | Command::SettleHold(_)
            | Command::VoidHold(_)
            | Command::ExpireHold { .. }
            | Command::Linked(_)
            | Command::Reverse(_)
            | Command::Sweep(_)
    )
}
