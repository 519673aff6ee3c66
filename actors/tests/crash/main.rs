//! A busy process is killed at any moment: while it opens, works, stores its state or closes.
//!
//! This is a separate test program because it starts processes: a process that is just being started briefly has the
//! locks of all open banks. With `JANGBU_LONG=1` it kills several thousand processes instead of 300.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod full;
#[path = "../durability/proof.rs"]
mod proof;
mod rushing;
#[path = "../durability/script.rs"]
mod script;
mod wavering;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use jangbu_actors::blocking::Bank;
use jangbu_actors::check::{self, check};
use jangbu_actors::clock::Clock;
use jangbu_actors::journal::disk::RealDisk;

use proof::{
    Received, holds_in_journal, holds_when_repeated, open_in_journal, picture, rare_answers, scheduled_in_journal,
    wait_until_idle,
};
use rushing::Rushing;
use script::{Answer, Dice, SETUP};
use wavering::{Wavering, all_are_verified, verdicts_in_journal};

/// Held while a child is started, and shared while a bank is open.
static STARTING: RwLock<()> = RwLock::new(());
/// The instructions for a child, as words of one line in its environment: directory, seed, the unanswered commands, the
/// command to continue from, and the one before which to close.
const ORDERS: &str = "JANGBU_TEST_CHILD";
const THREADS: u64 = 4;
/// The maximum number of commands in a batch of a child's thread.
const BATCH: u64 = 6;

/// Opens a bank with small segments and frequent checkpoints, so that everything happens often.
fn open(directory: &Path, clock: Arc<dyn Clock>) -> Bank {
    let builder = jangbu_actors::Bank::builder().segment_bytes(64 * 1024).checkpoint_records(150).clock(clock);
    Bank::from(builder.max_active_accounts(40).verifier(Wavering::default()).open(directory).unwrap())
}

/// Not a test, but the process that is killed. It does nothing unless the test below started it.
#[test]
fn the_child() {
    let Ok(orders) = std::env::var(ORDERS) else { return };
    let orders: Vec<String> = serde_json::from_str(&orders).unwrap();
    let number = |place: usize| orders[place].parse::<u64>().unwrap();
    let (seed, from, until) = (number(1), number(3), number(4));
    let missing: Vec<u64> = serde_json::from_str(&orders[2]).unwrap();
    let bank = open(Path::new(&orders[0]), Rushing::at(from));
    say("open");
    for n in missing.iter().copied().filter(|n| *n < SETUP).chain(from..SETUP) {
        give(&bank, seed, &[n]);
    }
    let missing = Mutex::new(missing.into_iter().filter(|n| *n >= SETUP).collect::<Vec<_>>());
    let next = AtomicU64::new(from.max(SETUP));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (bank, missing, next) = (&bank, &missing, &next);
            scope.spawn(move || {
                while let Some(n) = { missing.lock().unwrap().pop() } {
                    give(bank, seed, &[n]);
                }
                let mut dice = Dice(seed ^ from ^ thread << 40);
                loop {
                    let size = 1 + dice.below(BATCH);
                    let first = next.fetch_add(size, Ordering::Relaxed);
                    if first >= until {
                        return;
                    }
                    give(bank, seed, &(first..first + size).collect::<Vec<_>>());
                    if dice.below(60) == 0 {
                        bank.checkpoint().unwrap();
                    }
                }
            });
        }
    });
    say("closing");
    bank.close().unwrap();
    say("closed");
}

/// Submits commands and prints their answers.
fn give(bank: &Bank, seed: u64, numbers: &[u64]) {
    let answers = bank.submit(numbers.iter().map(|n| script::command(seed, *n)).collect()).unwrap();
    let received: Vec<_> = numbers.iter().zip(&answers).collect();
    say(&serde_json::to_string(&received).unwrap());
}

/// One write per line, short enough that the pipe takes it completely or not at all.
fn say(line: &str) {
    let line = format!("{line}\n");
    assert!(line.len() <= 4_096, "a pipe takes no more at once");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// The answers that a child printed, and unexpected lines.
type WatchedMessage = (Vec<(u64, Answer)>, Vec<String>);

/// A child and its output.
struct Running {
    child: Child,
    moments: Receiver<String>,
    listener: JoinHandle<WatchedMessage>,
}

fn start(directory: &Path, seed: u64, received: &Received, until: u64) -> Running {
    let from = received.last_key_value().map_or(0, |(n, _)| n + 1);
    let missing: Vec<u64> = (0..from).filter(|n| !received.contains_key(n)).collect();
    // Some answered commands are submitted again: their answers must not change.
    let mut dice = Dice(seed ^ from);
    let again = (0..5).filter(|_| from > 0).map(|_| dice.below(from.max(1)));
    let missing: Vec<u64> = again.chain(missing).collect();
    let missing = serde_json::to_string(&missing).unwrap();
    let orders =
        [directory.to_str().unwrap().to_owned(), seed.to_string(), missing, from.to_string(), until.to_string()];
    let alone = STARTING.write().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_child", "--nocapture", "--test-threads=1"])
        .env(ORDERS, serde_json::to_string(&orders).unwrap())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(alone);
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (moment, moments) = channel();
    let listener = std::thread::spawn(move || {
        let (mut heard, mut noise) = (Vec::new(), Vec::new());
        for line in lines {
            let line = line.unwrap();
            if ["open", "closing", "closed"].contains(&line.as_str()) {
                let _ = moment.send(line);
            } else if let Ok(answers) = serde_json::from_str::<Vec<(u64, Answer)>>(&line) {
                heard.extend(answers);
            } else {
                noise.push(line);
            }
        }
        (heard, noise)
    });
    Running { child, moments, listener }
}

impl Running {
    /// Waits until the child prints `moment` or has ended.
    fn wait_for(&self, moment: &str) {
        while self.moments.recv().is_ok_and(|said| said != moment) {}
    }

    /// Collects what the child printed until it was killed.
    fn end(mut self, seed: u64, received: &mut Received) {
        let status = self.child.wait().unwrap();
        let (heard, noise) = self.listener.join().unwrap();
        let killed = std::os::unix::process::ExitStatusExt::signal(&status) == Some(9);
        assert!((killed || status.success()) && noise.is_empty(), "seed {seed}: {status}: {noise:#?}");
        for (n, answer) in heard {
            if let Some(first) = received.insert(n, answer.clone()) {
                assert_eq!(first, answer, "seed {seed}: command {n} got another answer when it was repeated");
            }
        }
    }
}

/// Kills one child after another on the same directory, and finally lets one run to its end.
fn lives(seed: u64, kills: u64) {
    let scratch = tempfile::tempdir().unwrap();
    let directory = scratch.path().join("bank");
    let journal = directory.join("journal");
    let (mut received, mut dice) = (Received::new(), Dice(seed));
    for _ in 0..kills {
        let kind = dice.below(10);
        let from = received.last_key_value().map_or(0, |(n, _)| n + 1);
        let until = if kind < 2 { from + SETUP + dice.below(200) } else { u64::MAX };
        let mut running = start(&directory, seed, &received, until);
        let (moment, most_us) = match kind {
            // While it closes.
            0 | 1 => (Some("closing"), 15_000),
            // While it starts, opens, replays.
            2..=4 => (None, 30_000),
            _ => (Some("open"), 70_000),
        };
        if let Some(moment) = moment {
            running.wait_for(moment);
        }
        std::thread::sleep(Duration::from_micros(dice.below(most_us)));
        running.child.kill().unwrap();
        running.end(seed, &mut received);
        if journal.is_dir() {
            holds_in_journal(&RealDisk, &journal, seed, &received);
            let _shared = STARTING.read().unwrap();
            // The check opens the stored state, and would be the only one to open it after a kill.
            if dice.below(2) == 0
                && let Err(error) = check(&directory, check::Options { deep: true })
            {
                panic!("seed {seed}: {error}");
            }
        }
    }
    let until = received.last_key_value().map_or(0, |(n, _)| n + 1) + SETUP;
    start(&directory, seed, &received, until).end(seed, &mut received);
    let last = *received.last_key_value().unwrap().0;
    assert_eq!(received.len() as u64, last + 1, "seed {seed}: everything is answered");
    holds_in_journal(&RealDisk, &journal, seed, &received);
    let _shared = STARTING.read().unwrap();
    let report =
        check(&directory, check::Options { deep: true }).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    assert!(report.cleanly_closed, "seed {seed}");
    let bank = open(&directory, Rushing::standing());
    all_are_verified(&bank);
    wait_until_idle(&bank, script::moment(0));
    holds_when_repeated(&bank, seed, &received);
    let seen = picture(&bank);
    bank.close().unwrap();
    assert_eq!(seen.open_holds(), open_in_journal(&RealDisk, &journal), "seed {seed}");
    assert!(report.holds_placed > report.holds_open, "seed {seed}: {report:?}");
    let scheduled = scheduled_in_journal(&RealDisk, &journal, seed, last + 1);
    assert!(scheduled > 0, "seed {seed}: no schedule ran");
    let rare = rare_answers(seed, &received);
    assert!(rare.0 > 0 && rare.1 > 0, "seed {seed}: {rare:?}");
    let verdicts = verdicts_in_journal(&RealDisk, &journal, seed, last + 1);
    assert!(verdicts > 0, "seed {seed}: nothing was verified");
}

#[test]
fn a_kill_loses_doubles_and_halves_nothing() {
    let (rounds, kills) = if script::is_long() { (100, 40) } else { (10, 30) };
    let next = AtomicU64::new(1);
    // Two at a time: one waits for the disk while the other works.
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let round = next.fetch_add(1, Ordering::Relaxed);
                    if round > rounds {
                        return;
                    }
                    lives(round * 7_919, kills);
                }
            });
        }
    });
}
