//! What the answers add up to.

use std::collections::{BTreeMap, BTreeSet};

use jangbu_actors::command::{Command, DrawReceipt, Outcome, Step};
use jangbu_actors::ledger::{AccountNumber, Amount, CommandId, Currency, HoldId, Position, RunOutcome, Timestamp};
use jangbu_actors::{Error, Movement, MovementStatus};

use crate::auditor::ALL;
use crate::clients::Desk;

/// Returns the balance of every account that was part of a movement, in minor units, according to the bank's answers.
/// For linked steps, sweeps and schedules, whose answers are incomplete, it queries what they moved.
///
/// Every hold is compared with the draws on it.
pub(crate) async fn balances(desk: &Desk) -> Result<BTreeMap<AccountNumber, i64>, Error> {
    let accepted: Vec<(Command, Outcome)> = {
        let notes = desk.notes.borrow();
        let outcome = |command: &Command| notes.received.get(&command.id()).and_then(|received| received.clone().ok());
        notes.asked.iter().filter_map(|command| Some((command.clone(), outcome(command)?))).collect()
    };
    let commands: BTreeMap<CommandId, &Command> =
        accepted.iter().rev().map(|(command, _)| (command.id(), command)).collect();
    let accounts = desk.bank.accounts(None, ALL).await?.data;
    let currencies = accounts.iter().map(|account| (account.number, account.currency)).collect();
    let mut sums = Sums { currencies, ..Sums::default() };
    for (command, outcome) in &accepted {
        match (command, outcome) {
            (Command::Transfer(it), Outcome::Posted(receipt)) => sums.add(it.from, it.to, receipt.amount, receipt.fee),
            (Command::Deposit(it), Outcome::Posted(receipt)) => {
                sums.add(sums.bank("CASH", it.account), it.account, receipt.amount, receipt.fee);
            }
            (Command::Withdrawal(it), Outcome::Posted(receipt)) => {
                sums.add(it.account, sums.bank("CASH", it.account), receipt.amount, receipt.fee);
            }
            (Command::SettleHold(_) | Command::VoidHold(_) | Command::ExpireHold { .. }, Outcome::Drawn(receipt)) => {
                let command = commands.get(&receipt.hold.command()).unwrap_or_else(|| panic!("{receipt:?}"));
                let (from, to) = parties(command, receipt.hold).unwrap_or_else(|| panic!("{receipt:?}"));
                sums.add(from, to, receipt.amount, receipt.fee);
                sums.draw(receipt);
            }
            (Command::Sweep(_) | Command::Reverse(_), Outcome::Posted(receipt)) => {
                let movements = desk.bank.movements_of(command.id()).await?;
                assert_eq!(movements.len(), 1, "{command:?}");
                assert_eq!((movements[0].amount, movements[0].fee), (receipt.amount, receipt.fee), "{command:?}");
                sums.move_all(&movements);
                if let Command::Reverse(reverse) = command {
                    sums.reverse(reverse.original, reverse.step, receipt.amount);
                }
            }
            (Command::Linked(linked), _) => {
                let movements = desk.bank.movements_of(command.id()).await?;
                assert_eq!(movements.len(), linked.steps.len(), "{command:?}");
                sums.move_all(&movements);
                for (step, movement) in linked.steps.iter().zip(&movements) {
                    if let Step::Reverse { original, step, .. } = step {
                        assert_eq!((movement.original, movement.original_step), (Some(*original), Some(*step)));
                        sums.reverse(*original, *step, movement.amount);
                    }
                }
            }
            (Command::SetSchedule(_), _) => {
                for attempt in posted_attempts(desk, command.id()).await? {
                    sums.move_all(&desk.bank.movements_of(attempt).await?);
                }
            }
            (_, Outcome::Posted(_) | Outcome::Drawn(_)) => panic!("money moved for {command:?}"),
            _ => {}
        }
    }
    check_reversed(desk, &sums).await?;
    let mut to_verify = BTreeMap::new();
    for (id, verify) in accepted.iter().flat_map(|(command, _)| placed_by(command)) {
        let hold = desk.bank.hold(id).await?.unwrap();
        assert_eq!(minor_units(hold.captured), sums.captured.get(&hold.id).copied().unwrap_or(0), "{hold:?}");
        assert!(hold.captured.checked_add(hold.remaining).is_some_and(|sum| sum <= hold.amount), "{hold:?}");
        let ended = hold.ended_at.is_some();
        assert_eq!((hold.id, hold.requires_verification), (id, verify), "{hold:?}");
        to_verify.extend((verify && !ended).then_some((hold.id.command(), hold.expires_at)));
        assert!(ended || !sums.ended.contains_key(&hold.id), "open, although an answer says that it ended: {hold:?}");
    }
    // The simulation calls no verifier: holds that nobody ended wait, except those that the bank is expiring now.
    let (queue, _) = desk.bank.pending_verifications(None, 1_000).await?;
    let queued: BTreeSet<_> = queue.data.iter().map(|queued| queued.hold).collect();
    let over = |expires_at: &Option<Timestamp>| expires_at.is_some_and(|at| at <= desk.world.now());
    let (ending, waiting): (Vec<_>, Vec<_>) = to_verify.into_iter().partition(|(_, expires_at)| over(expires_at));
    assert!(waiting.iter().all(|(hold, _)| queued.contains(hold)), "{waiting:?} in {queued:?}");
    let known: BTreeSet<_> = waiting.iter().chain(&ending).map(|(hold, _)| *hold).collect();
    assert!(queued.is_subset(&known), "{queued:?} in {known:?}");
    Ok(sums.balances)
}

/// Returns the holds that a command placed, and whether each awaits verification.
fn placed_by(command: &Command) -> Vec<(HoldId, bool)> {
    match command {
        Command::PlaceHold(asked) => vec![(asked.id.into(), asked.verify)],
        Command::Linked(linked) => {
            let steps = linked.steps.iter().zip(0..).filter(|(step, _)| matches!(step, Step::Hold { .. }));
            steps.map(|(_, number)| (HoldId::of_step(linked.id, number), false)).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the sender and the receiver of a hold that the command placed.
fn parties(command: &Command, hold: HoldId) -> Option<(AccountNumber, AccountNumber)> {
    match (command, hold.step()) {
        (Command::PlaceHold(asked), None) => Some((asked.from, asked.to)),
        (Command::Linked(linked), Some(step)) => match linked.steps[usize::from(step)] {
            Step::Hold { from, to, .. } => Some((from, to)),
            _ => None,
        },
        _ => None,
    }
}

/// Checks that no movement was reversed by more than its amount.
async fn check_reversed(desk: &Desk, sums: &Sums) -> Result<(), Error> {
    for ((original, step), reversed) in &sums.reversed {
        let movements = desk.bank.movements_of(*original).await?;
        let moved = minor_units(movements[usize::from(*step)].amount);
        assert!(*reversed <= moved, "{reversed} of {moved} went back of step {step} of {original}");
        let left = desk.bank.reversible(*original, *step).await?.map(minor_units);
        assert_eq!(left, Some(moved - reversed), "of step {step} of {original}");
    }
    Ok(())
}

/// The sums.
#[derive(Default)]
struct Sums {
    /// The currency of every account.
    currencies: BTreeMap<AccountNumber, Currency>,
    balances: BTreeMap<AccountNumber, i64>,
    /// The captured amount of each hold.
    captured: BTreeMap<HoldId, i64>,
    /// The reversed amount of each movement.
    reversed: BTreeMap<(CommandId, u8), i64>,
    /// The position at which each hold was reported to have ended.
    ended: BTreeMap<HoldId, Position>,
}

impl Sums {
    fn add(&mut self, from: AccountNumber, to: AccountNumber, amount: Amount, fee: Amount) {
        *self.balances.entry(from).or_default() -= minor_units(amount) + minor_units(fee);
        *self.balances.entry(to).or_default() += minor_units(amount);
        *self.balances.entry(self.bank("FEES", from)).or_default() += minor_units(fee);
    }

    /// Returns the bank's own account in the currency of an account.
    fn bank(&self, own: &str, account: AccountNumber) -> AccountNumber {
        AccountNumber::new(&format!("{own}-{}", self.currencies[&account])).unwrap()
    }

    fn draw(&mut self, receipt: &DrawReceipt) {
        *self.captured.entry(receipt.hold).or_default() += minor_units(receipt.amount);
        if receipt.end.is_some() {
            let before = self.ended.insert(receipt.hold, receipt.position);
            assert_eq!(before, None, "ended before: {receipt:?}");
        }
    }

    fn reverse(&mut self, original: CommandId, step: u8, amount: Amount) {
        *self.reversed.entry((original, step)).or_default() += minor_units(amount);
    }

    fn move_all(&mut self, movements: &[Movement]) {
        for movement in movements.iter().filter(|movement| movement.status == MovementStatus::Posted) {
            assert_eq!(movement.refusal, None);
            self.add(movement.from.unwrap(), movement.to.unwrap(), movement.amount, movement.fee);
            if let Some(hold) = movement.hold.or(movement.settlement.map(|_| movement.id.into())) {
                *self.captured.entry(hold).or_default() += minor_units(movement.amount);
            }
        }
    }
}

/// Returns the transfers that a schedule has made.
async fn posted_attempts(desk: &Desk, schedule: CommandId) -> Result<Vec<CommandId>, Error> {
    let (mut attempts, mut before) = (Vec::new(), None);
    loop {
        let page = desk.bank.schedule_runs(schedule, before, 3).await?;
        attempts.extend(page.data.iter().filter_map(|run| match &run.outcome {
            RunOutcome::Posted { attempt, .. } => Some(attempt.id),
            _ => None,
        }));
        before = page.next;
        if before.is_none() {
            return Ok(attempts);
        }
    }
}

fn minor_units(amount: Amount) -> i64 {
    i64::try_from(amount.minor_units()).unwrap()
}
