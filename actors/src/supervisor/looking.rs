//! What one account's seat looks like to who watches the engine, and the way to its actor.

use actix::{Context, Handler, Message};
use tokio::sync::oneshot;

use super::Supervisor;
use crate::account::Watch;
use crate::ledger::AccountNumber;
use crate::views::Activation;

/// Tell how these accounts stand between the store and their actors.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct LookAt {
    pub(crate) accounts: Vec<AccountNumber>,
    pub(crate) reply: oneshot::Sender<Vec<Activation>>,
}

/// Have an account's actor watched, if it runs.
#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct WatchAccount {
    pub(crate) account: AccountNumber,
    pub(crate) watch: Watch,
}

impl Supervisor {
    fn look_at(&self, number: &AccountNumber) -> Activation {
        let seat = self.seats.find(number).and_then(|index| self.seats.get(index));
        let Some(seat) = seat else { return Activation::default() };
        let occupant = seat.active();
        Activation {
            is_active: occupant.is_some(),
            legs: seat.legs.into(),
            queued: seat.queued() as u64,
            undecided: occupant.map_or(0, |occupant| occupant.undecided).into(),
            is_waiting: occupant.is_some_and(|occupant| occupant.has_waiting),
            is_changing: seat.changing,
        }
    }
}

impl Handler<LookAt> for Supervisor {
    type Result = ();
    fn handle(&mut self, LookAt { accounts, reply }: LookAt, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            drop(reply.send(accounts.iter().map(|number| supervisor.look_at(number)).collect()));
        });
    }
}

impl Handler<WatchAccount> for Supervisor {
    type Result = ();
    fn handle(&mut self, WatchAccount { account, watch }: WatchAccount, _: &mut Context<Self>) {
        self.guarded(|supervisor| {
            // Where no actor runs, the answer's sender is dropped, which says so.
            if let Some(index) = supervisor.seats.find(&account) {
                supervisor.send(index, watch);
            }
        });
    }
}
