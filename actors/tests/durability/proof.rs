//! Checks that every answer holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use jangbu_actors::blocking::Bank;
use jangbu_actors::command::{Command, Outcome, Step};
use jangbu_actors::journal::disk::Disk;
use jangbu_actors::journal::{JournalError, verify};
use jangbu_actors::ledger::{
    Attempt, Body, CommandId, HoldEnd, HoldId, LinkedMovement, LinkedStep, Record, RunOutcome, ScheduleRun, Timestamp,
};
use jangbu_actors::{ApplicationRecord, HistoryQuery, Snapshot, StandingOrder};

use crate::script::{self, Answer};

/// The answers that were given, by the numbers of the commands.
pub(crate) type Received = BTreeMap<u64, Answer>;

/// Reads the journal and checks that every answer has its record, once, with the same figures. Returns the number of
/// records.
///
/// # Panics
/// If an answer does not hold.
pub(crate) fn holds_in_journal(disk: &dyn Disk, journal: &Path, seed: u64, received: &Received) -> u64 {
    let mut records: HashMap<CommandId, Record> = HashMap::new();
    let mut posted = BTreeSet::new();
    let verified = verify::<JournalError>(disk, journal, |record| {
        let (id, position) = (record.id, record.position);
        assert_eq!(record.body.imbalance(), 0, "the record at {position} makes or destroys money");
        assert_eq!(record.body.hold_imbalance(), 0, "the record at {position} promises what it does not hold");
        if let Body::ScheduleRun(run) = &record.body {
            check_run(run, &records, &mut posted);
        }
        assert!(records.insert(id, record).is_none(), "the id at {position} is there twice");
        Ok(())
    });
    let verified = verified.unwrap_or_else(|error| panic!("the journal is damaged: {error}"));
    for (n, answer) in received {
        let record = records.get(&script::id(seed, *n));
        let record = record.unwrap_or_else(|| panic!("command {n} was answered and is lost: {answer:?}"));
        assert!(agrees(record, answer), "command {n} was answered {answer:?}, and the journal has {record:?}");
        let command = script::command(seed, *n);
        assert!(carries_out(record, &command), "{command:?} was asked for, and the journal has {record:?}");
    }
    verified.records
}

/// Checks that a run refers to an earlier transfer, or to a hold if there is a verifier, and that an occurrence moves
/// or holds money once. `done` are those that did.
fn check_run(run: &ScheduleRun, before: &HashMap<CommandId, Record>, done: &mut BTreeSet<(CommandId, Timestamp)>) {
    let body = |attempt: &Attempt| &before.get(&attempt.id).unwrap_or_else(|| panic!("{run:?}: no transfer")).body;
    match &run.outcome {
        RunOutcome::Posted { attempt, position } => {
            assert!(matches!(body(attempt), Body::Posted(_)), "{run:?}");
            assert_eq!(before[&attempt.id].position, *position, "{run:?}");
            assert!(done.insert((run.schedule, run.occurrence)), "moved money twice: {run:?}");
        }
        RunOutcome::Accepted { attempt, position } => {
            assert!(matches!(body(attempt), Body::Held(placed) if placed.requires_verification), "{run:?}");
            assert_eq!(before[&attempt.id].position, *position, "{run:?}");
            assert!(done.insert((run.schedule, run.occurrence)), "moved money twice: {run:?}");
        }
        RunOutcome::Refused { attempt, refusal } => {
            assert!(matches!(body(attempt), Body::Refused(refused) if refused.refusal == *refusal), "{run:?}");
        }
        RunOutcome::Skipped { .. } => {}
    }
}

/// Checks that every transfer and hold outside the script belongs to a schedule. Returns how many there are.
pub(crate) fn scheduled_in_journal(disk: &dyn Disk, journal: &Path, seed: u64, commands: u64) -> usize {
    let (mut unasked, mut attempts) = (BTreeSet::new(), BTreeSet::new());
    let asked: BTreeSet<CommandId> = (0..commands).map(|n| script::id(seed, n)).collect();
    let verified = verify::<JournalError>(disk, journal, |record| {
        if matches!(record.body, Body::Posted(_) | Body::Held(_)) && !asked.contains(&record.id) {
            unasked.insert(record.id);
        }
        if let Body::ScheduleRun(run) = &record.body
            && let RunOutcome::Posted { attempt, .. } | RunOutcome::Accepted { attempt, .. } = &run.outcome
        {
            attempts.insert(attempt.id);
        }
        Ok(())
    });
    verified.unwrap_or_else(|error| panic!("the journal is damaged: {error}"));
    assert_eq!(
        unasked, attempts,
        "a transfer or a hold that nobody asked for and no schedule tells of, or the other way round"
    );
    attempts.len()
}

/// Returns the open holds of the journal, and whether each awaits verification.
pub(crate) fn open_in_journal(disk: &dyn Disk, journal: &Path) -> BTreeMap<HoldId, bool> {
    let mut open = BTreeMap::new();
    let verified = verify::<JournalError>(disk, journal, |record| {
        record.for_each_placed(|id, placed, _| {
            open.insert(id, placed.requires_verification);
        });
        record.body.for_each_hold(|drawn| {
            if drawn.drawn.end.is_some() {
                assert!(open.remove(&drawn.hold).is_some(), "the hold {} ends twice, or was never placed", drawn.hold);
            }
        });
        Ok(())
    });
    verified.unwrap_or_else(|error| panic!("the journal is damaged: {error}"));
    open
}

/// Returns whether a record matches an answer.
fn agrees(record: &Record, answer: &Answer) -> bool {
    if answer.as_ref().is_ok_and(|outcome| outcome.position() != record.position) {
        return false;
    }
    match (&record.body, answer) {
        (Body::Refused(refused), Err(refusal)) => refused.refusal == *refusal,
        (Body::Posted(posted), Ok(Outcome::Posted(receipt))) => {
            let legs = if posted.fee.is_zero() { 2 } else { 3 };
            posted.amount == receipt.amount
                && posted.fee == receipt.fee
                && record.recorded_at == receipt.recorded_at
                && record.date == receipt.date
                && record.links.len() == legs
                && record.links[0].balance == receipt.sender_balance
                && record.links[1].balance == receipt.receiver_balance
        }
        (Body::AccountOpened(opened), Ok(Outcome::Opened { number, .. })) => opened.number == *number,
        (Body::Reversed(reversed), Ok(Outcome::Posted(receipt))) => {
            let posted = &reversed.posted;
            (posted.amount, posted.fee, record.recorded_at, record.date)
                == (receipt.amount, receipt.fee, receipt.recorded_at, receipt.date)
                && record.links.len() == 2
        }
        (Body::Held(placed), Ok(Outcome::Held(receipt))) => {
            (placed.amount, placed.fee, placed.expires_at, record.recorded_at, record.date)
                == (receipt.amount, receipt.fee, receipt.expires_at, receipt.recorded_at, receipt.date)
        }
        (Body::Drawn(body), Ok(Outcome::Drawn(receipt))) => {
            let drawn = &body.drawn;
            let released = drawn.released.checked_add(drawn.fee_released);
            (body.hold, drawn.amount, drawn.fee, drawn.captured, drawn.remaining, drawn.end)
                == (receipt.hold, receipt.amount, receipt.fee, receipt.captured, receipt.remaining, receipt.end)
                && released == Some(receipt.released)
                && record.recorded_at == receipt.recorded_at
                && record.links[0].balance == receipt.sender_balance
                && record.links[1].balance == receipt.receiver_balance
        }
        (
            Body::AccountChanged { .. }
            | Body::TypeSet(_)
            | Body::OwnerSet { .. }
            | Body::RecordsPut(_)
            | Body::Linked(_)
            | Body::Amended(_)
            | Body::ScheduleSet(_)
            | Body::ScheduleChanged(_),
            Ok(Outcome::Recorded { .. }),
        ) => true,
        _ => false,
    }
}

/// Returns whether a record of a hold or of linked steps matches what its answer does not contain: verification, how it
/// ended, all steps in order.
fn carries_out(record: &Record, command: &Command) -> bool {
    let does = |(done, step): (&LinkedStep, &Step)| match (&done.movement, step) {
        (LinkedMovement::Posted(_), Step::Transfer { .. }) => true,
        (LinkedMovement::Drawn(drawn), Step::Settle { hold, .. }) => {
            drawn.hold == *hold && drawn.drawn.end.is_none_or(|end| end == HoldEnd::Settled)
        }
        (LinkedMovement::Held(placed), Step::Hold { amount, expires_at, .. }) => {
            (placed.amount, placed.expires_at, placed.requires_verification) == (*amount, *expires_at, false)
        }
        (LinkedMovement::Reversed(reversed), Step::Reverse { original, step, .. }) => {
            (reversed.original, reversed.step) == (*original, *step)
        }
        (LinkedMovement::Drawn(drawn), Step::Void { hold }) => {
            drawn.hold == *hold && drawn.drawn.end == Some(HoldEnd::Voided)
        }
        _ => false,
    };
    match (&record.body, command) {
        (Body::Held(placed), Command::PlaceHold(asked)) => placed.requires_verification == asked.verify,
        (Body::Drawn(drawn), Command::VoidHold(asked)) => {
            drawn.drawn.end == Some(if asked.rejected { HoldEnd::Rejected } else { HoldEnd::Voided })
        }
        (Body::Linked(steps), Command::Linked(linked)) => {
            steps.len() == linked.steps.len() && steps.iter().zip(&linked.steps).all(does)
        }
        _ => true,
    }
}

/// Returns how many answers are to a hold that was placed for verification, and how many to linked steps that voided a
/// hold.
pub(crate) fn rare_answers(seed: u64, received: &Received) -> (usize, usize) {
    let accepted = || received.iter().filter(|(_, answer)| answer.is_ok()).map(|(n, _)| script::command(seed, *n));
    let is_verified = |command: &Command| matches!(command, Command::PlaceHold(placed) if placed.verify);
    let is_void = |step: &Step| matches!(step, Step::Void { .. });
    let voids = |command: &Command| matches!(command, Command::Linked(linked) if linked.steps.iter().any(is_void));
    (accepted().filter(is_verified).count(), accepted().filter(voids).count())
}

/// Submits the answered commands again and checks that each gets the same answer.
pub(crate) fn holds_when_repeated(bank: &Bank, seed: u64, received: &Received) {
    let numbers: Vec<u64> = received.keys().copied().collect();
    let before = bank.stats().durable;
    for chunk in numbers.chunks(1_000) {
        let answers = bank.submit(chunk.iter().map(|n| script::command(seed, *n)).collect()).unwrap();
        for (n, answer) in chunk.iter().zip(answers) {
            assert_eq!(answer, received[n], "command {n} got another answer when it was repeated");
        }
    }
    assert_eq!(bank.stats().durable, before, "a repeated command was recorded again");
}

/// Waits until a bank whose clock stands still at `clock` has done its own work: run the due schedules, and returned
/// the expired holds.
pub(crate) fn wait_until_idle(bank: &Bank, clock: Timestamp) {
    bank.run_due().unwrap();
    let is_over = |hold: &jangbu_actors::SnapshotHold, now| hold.expires_at.is_some_and(|at| at <= now);
    for _ in 0..10_000 {
        let last = bank.events(bank.stats().durable, 1).unwrap().data;
        let accounts = bank.accounts(None, 1_000).unwrap().data;
        // Things fall due by the clock, or by the last record if the clock is behind it.
        let Some(now) = last.first().map(|event| event.recorded_at.max(clock)) else { continue };
        if !accounts.iter().flat_map(|account| &account.holds).any(|hold| is_over(hold, now)) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    panic!("a hold that is over is not given back");
}

/// Everything that a bank shows.
#[derive(Debug, PartialEq)]
pub(crate) struct Picture {
    accounts: Vec<Snapshot>,
    records: Vec<ApplicationRecord>,
    schedules: Vec<StandingOrder>,
}

impl Picture {
    /// Every open hold, and whether it awaits verification.
    pub(crate) fn open_holds(&self) -> BTreeMap<HoldId, bool> {
        self.accounts
            .iter()
            .flat_map(|account| &account.holds)
            .map(|hold| (hold.id, hold.requires_verification))
            .collect()
    }
}

/// Reads everything, and checks that the balances add up to zero and match the accounts' entries.
pub(crate) fn picture(bank: &Bank) -> Picture {
    let mut accounts = Vec::new();
    let mut after = None;
    loop {
        let page = bank.accounts(after, 1_000).unwrap();
        accounts.extend(page.data);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(accounts.iter().map(|account| account.posted).sum::<i128>(), 0, "money was made or destroyed");
    let mut pending = 0;
    for account in &accounts {
        let held: u64 = account.holds.iter().map(|hold| hold.held.minor_units()).sum();
        assert_eq!(held, account.held.minor_units(), "what {} holds is not what its holds say", account.number);
        let views = bank.holds(account.number).unwrap();
        let same = views.iter().zip(&account.holds).all(|(view, hold)| view.id == hold.id);
        assert!(
            same && views.len() == account.holds.len(),
            "the holds of {} look otherwise from nearby",
            account.number
        );
        pending += i128::from(account.pending_in.minor_units()) - i128::from(held);
        assert_eq!(bank.snapshot(account.number).unwrap(), *account, "an account looks otherwise from nearby");
        let page = bank.history(account.number, HistoryQuery { limit: 1_000, ..HistoryQuery::default() }).unwrap();
        let newest = page.data.first().map(|entry| entry.balance);
        assert_eq!(newest, Some(account.posted), "the last entry of {} is not its balance", account.number);
        if page.next.is_none() {
            let sum: i64 = page.data.iter().map(|entry| entry.change.minor_units()).sum();
            assert_eq!(sum, account.posted.minor_units(), "the entries of {} do not add up", account.number);
        }
    }
    assert_eq!(pending, 0, "what is held is not what is expected");
    let records = bank.records("note", "", None, 1_000).unwrap().data;
    let schedules = bank.schedules(None, 1_000).unwrap().data;
    let picture = Picture { accounts, records, schedules };
    let queue = bank.pending_verifications(None, 1_000).unwrap().0.data;
    let queued: BTreeMap<HoldId, bool> = queue.iter().map(|queued| (queued.hold.into(), true)).collect();
    let mut to_verify = picture.open_holds();
    to_verify.retain(|_, requires_verification| *requires_verification);
    assert_eq!(queued, to_verify, "what waits for its verification is not what is open");
    picture
}
