//! A verifier in a process that is killed, and whether each of its verdicts counted once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use jangbu_actors::blocking::Bank;
use jangbu_actors::journal::disk::Disk;
use jangbu_actors::journal::{JournalError, verify};
use jangbu_actors::ledger::{Body, CommandId, HoldEnd, HoldId};
use jangbu_actors::verification::{Pending, Verdict, Verifier};

use crate::script;

/// Has no verdict every third time. Its final verdict follows from the hold, however often it is asked.
#[derive(Default)]
pub(crate) struct Wavering(AtomicU64);

impl Verifier for Wavering {
    fn verify(&self, pending: Pending) -> BoxFuture<'static, Verdict> {
        let knows = !self.0.fetch_add(1, Ordering::Relaxed).is_multiple_of(3);
        let verdict = match (knows, end_of(pending.id)) {
            (false, _) => Verdict::AskAgain { after: Duration::from_millis(1) },
            (true, HoldEnd::Settled) => Verdict::Approve,
            (true, _) => Verdict::Reject { reason: "not like him".into(), customer_text: None },
        };
        Box::pin(std::future::ready(verdict))
    }
}

/// The expected outcome of the verdict on a hold.
fn end_of(hold: CommandId) -> HoldEnd {
    if hold.as_u128().is_multiple_of(2) { HoldEnd::Settled } else { HoldEnd::Rejected }
}

/// Waits until nothing awaits verification.
pub(crate) fn all_are_verified(bank: &Bank) {
    for _ in 0..10_000 {
        if bank.pending_verifications(None, 1).unwrap().1 == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("holds that were to be verified are still open");
}

/// Checks that every hold that was not ended by a command or by its expiry was ended by a verdict, and by the right
/// one. Returns how many were.
pub(crate) fn verdicts_in_journal(disk: &dyn Disk, journal: &Path, seed: u64, commands: u64) -> usize {
    let asked: BTreeSet<CommandId> = (0..commands).map(|n| script::id(seed, n)).collect();
    let (mut to_verify, mut verdicts) = (BTreeMap::new(), 0);
    let verified = verify::<JournalError>(disk, journal, |record| {
        match &record.body {
            Body::Held(placed) => drop(to_verify.insert(HoldId::new(record.id), placed.requires_verification)),
            Body::Drawn(body) if !asked.contains(&record.id) && body.drawn.end != Some(HoldEnd::Expired) => {
                assert_eq!(to_verify.get(&body.hold), Some(&true), "nobody verifies it: {record:?}");
                assert_eq!(body.drawn.end, Some(end_of(body.hold.command())), "another verdict: {record:?}");
                verdicts += 1;
            }
            _ => {}
        }
        Ok(())
    });
    verified.unwrap_or_else(|error| panic!("the journal is damaged: {error}"));
    verdicts
}
