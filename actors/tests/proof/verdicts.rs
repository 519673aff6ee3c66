//! A verifier that decides nothing until a script gives it a verdict, and the effect of its verdicts on the model.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::channel::oneshot;
use futures::executor::block_on;
use futures::future::BoxFuture;
use jangbu_actors::Bank;
use jangbu_actors::command::{Command, SettleHold, VoidHold};
use jangbu_actors::ledger::{CommandId, Position, Timestamp};
use jangbu_actors::verification::{Pending, Verdict, Verifier};
use parking_lot::Mutex;

use crate::by_itself::{events_after, wait_until_ended};
use crate::compare::check_answer;
use crate::model::{Hold, Model};
use crate::support::{ask, units};

const REASON: &str = "not like him";

/// The requests of a bank, and the way to answer them.
#[derive(Clone, Default)]
pub(crate) struct Court(Arc<Mutex<HashMap<CommandId, Asked>>>);

/// A request, and where its verdict goes.
type Asked = (Pending, oneshot::Sender<Verdict>);

impl Verifier for Court {
    fn verify(&self, pending: Pending) -> BoxFuture<'static, Verdict> {
        let (sender, verdict) = oneshot::channel();
        self.0.lock().insert(pending.id, (pending, sender));
        // The receiver is gone if it was asked again.
        Box::pin(async { verdict.await.unwrap_or(Verdict::AskAgain { after: Duration::from_secs(3_600) }) })
    }
}

impl Court {
    /// Waits until the open bank asks about the hold, and gives it the verdict.
    fn tell(&self, id: CommandId, hold: &Hold, verdict: Verdict) {
        let asked = (0..10_000).find_map(|_| {
            let mut pending = self.0.lock();
            match pending.get(&id) {
                // A closed bank no longer receives verdicts.
                Some((_, sender)) if !sender.is_canceled() => pending.remove(&id),
                _ => {
                    drop(pending);
                    std::thread::sleep(Duration::from_millis(1));
                    None
                }
            }
        });
        let (pending, sender) = asked.unwrap_or_else(|| panic!("the bank does not have {id} verified"));
        assert_eq!((pending.from, pending.to, pending.placed_at), (hold.from, hold.to, hold.placed_at));
        assert_eq!(
            (units(pending.amount), units(pending.fee)),
            (hold.amount, hold.fee),
            "what is settled is asked about"
        );
        sender.send(verdict).unwrap();
    }

    /// Waits until the open bank asks about the first waiting hold, and checks that it asks about no other.
    pub(crate) fn is_asked_about_the_first_alone(&self, waiting: &[CommandId]) {
        let asked = || -> Vec<CommandId> {
            let pending = self.0.lock();
            pending.iter().filter(|(_, (_, sender))| !sender.is_canceled()).map(|(id, _)| *id).collect()
        };
        let first: Vec<CommandId> = waiting.first().copied().into_iter().collect();
        let found = (0..10_000).find(|_| {
            asked() == first || {
                std::thread::sleep(Duration::from_millis(1));
                false
            }
        });
        assert!(found.is_some(), "{first:?} is the first of those that wait, and the bank asks about {:?}", asked());
    }

    /// Lets the bank's verifier decide about a hold, and applies the outcome to the model. Returns the id of the bank's
    /// command.
    pub(crate) fn decide(
        &self,
        bank: &Bank,
        model: &mut Model,
        hold: CommandId,
        approve: bool,
        now: Timestamp,
    ) -> CommandId {
        let verdict =
            if approve { Verdict::Approve } else { Verdict::Reject { reason: REASON.into(), customer_text: None } };
        self.tell(hold, &model.holds[&hold.into()], verdict);
        wait_until_ended(bank, hold);
        let events = events_after(bank, model.position);
        assert_eq!(events.len(), 1, "one record of the verdict, and no other: {events:?}");
        let command = command(hold, approve, events[0].id);
        // The verifier waits for no answer, so the same command with the same id returns it.
        check_answer(&command, &ask(bank, &command), &model.execute(&command, now));
        command.id()
    }
}

/// Returns the command of a verdict.
pub(crate) fn command(hold: CommandId, approve: bool, id: CommandId) -> Command {
    match approve {
        true => Command::SettleHold(SettleHold::all(hold).with_id(id)),
        false => Command::VoidHold(VoidHold { rejected: true, ..VoidHold::new(hold).with_id(id).because(REASON) }),
    }
}

impl Model {
    /// Returns the holds that await verification, in the order of placement.
    pub(crate) fn to_verify(&self) -> Vec<CommandId> {
        let mut waiting: Vec<_> =
            self.holds.iter().filter(|(_, hold)| hold.requires_verification && hold.end.is_none()).collect();
        waiting.sort_by_key(|(_, hold)| hold.position);
        waiting.into_iter().map(|(id, _)| id.command()).collect()
    }

    /// Compares the queue of holds that await verification with the model.
    pub(crate) fn check_to_verify(&self, bank: &Bank) {
        let (page, total) = block_on(bank.pending_verifications(None, 1_000)).unwrap();
        let found: Vec<_> = page.data.iter().map(|queued| (queued.hold, queued.position)).collect();
        let expected = self.to_verify().into_iter().map(|id| (id, Position::new(self.holds[&id.into()].position)));
        let expected: Vec<_> = expected.collect();
        assert_eq!((found, total), (expected.clone(), expected.len() as u64));
    }
}
