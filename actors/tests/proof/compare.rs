//! Compares the engine's answers and accounts with the model's.

use std::collections::BTreeMap;

use futures::executor::block_on;
use jangbu_actors::command::{Command, Outcome};
use jangbu_actors::ledger::{AccountNumber, Currency, HoldEnd, HoldId, Position, Timestamp};
use jangbu_actors::{Bank, HoldStatus, HoldView, Snapshot, SnapshotHold, StandingOrder, Status};

use crate::model::{Answer, Expected, Hold, Model, in_force};
use crate::support::{CAP, amount, balance, units};

impl Model {
    /// Compares every account in `accounts` with the model, and checks that the sums are zero.
    pub(crate) fn check_accounts(&self, accounts: &[Snapshot], now: Timestamp) {
        let numbers: Vec<_> = accounts.iter().map(|account| account.number).collect();
        assert_eq!(numbers, self.accounts.keys().copied().collect::<Vec<_>>());
        for snapshot in accounts {
            assert_eq!(snapshot, &self.snapshot(snapshot, now), "account {}", snapshot.number);
        }
        self.check_sums();
    }

    /// Checks that each currency adds up to zero and no customer is below its overdraft.
    pub(crate) fn check_sums(&self) {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for (number, holder) in &self.accounts {
            *sums.entry(holder.currency).or_default() += holder.posted;
            assert!(holder.system || holder.posted >= -holder.overdraft, "{number} is below its overdraft");
            assert!(holder.posted.abs() <= CAP, "{number} is beyond the cap");
            assert!(holder.posted + holder.pending_in <= CAP, "{number} may come to be beyond the cap");
            assert!(holder.system || holder.posted + holder.overdraft >= holder.held, "{number} cannot keep its word");
        }
        assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
    }

    /// Returns the open holds of an account, in the order of placement.
    fn open_holds(&self, number: AccountNumber) -> Vec<(HoldId, &Hold)> {
        let of_account = self.holds.iter().filter(|(_, hold)| hold.from == number && hold.end.is_none());
        let mut holds: Vec<_> = of_account.map(|(id, hold)| (*id, hold)).collect();
        holds.sort_by_key(|(id, hold)| (hold.position, id.step()));
        holds
    }

    /// Compares every hold with the model: by its id, and in the lists of the accounts.
    pub(crate) fn check_holds(&self, bank: &Bank) {
        for (id, hold) in &self.holds {
            let found = block_on(bank.hold(*id)).unwrap().unwrap_or_else(|| panic!("the hold {id} is gone"));
            assert_eq!(found, view(*id, hold, &found));
        }
        for number in self.accounts.keys() {
            let found = block_on(bank.holds(*number)).unwrap();
            let expected = self.open_holds(*number);
            assert_eq!(found.len(), expected.len(), "{number}");
            for (found, (id, hold)) in found.iter().zip(expected) {
                assert_eq!(*found, view(id, hold, found));
            }
            let held: i128 = found.iter().map(|view| self.holds[&view.id].held()).sum();
            assert_eq!(self.accounts[number].held, held, "{number}");
        }
    }

    /// Compares every schedule with the model: its progress, its runs, and the lists of active and paused ones.
    pub(crate) fn check_schedules(&self, bank: &Bank) {
        let orders = self.schedules.iter().map(|(id, standing)| StandingOrder {
            id: *id,
            schedule: standing.schedule.clone(),
            progress: standing.progress(),
            position: Position::new(standing.last),
        });
        let orders: Vec<_> = orders.collect();
        for (order, standing) in orders.iter().zip(self.schedules.values()) {
            assert_eq!(block_on(bank.standing_order(order.id)).unwrap().as_ref(), Some(order));
            let runs = block_on(bank.schedule_runs(order.id, None, 1_000)).unwrap().data;
            let runs: Vec<_> = runs.into_iter().rev().map(|run| (run.position, run.occurrence, run.outcome)).collect();
            assert_eq!(runs, standing.runs, "{order:?}");
        }
        let live: Vec<_> = orders.into_iter().filter(|order| self.schedules[&order.id].is_live()).collect();
        assert_eq!(block_on(bank.schedules(None, 1_000)).unwrap().data, live);
        for number in self.accounts.keys() {
            let of_account = |order: &&StandingOrder| [order.schedule.from, order.schedule.to].contains(number);
            let expected: Vec<_> = live.iter().filter(of_account).cloned().collect();
            assert_eq!(block_on(bank.schedules_of(*number, None, 1_000)).unwrap().data, expected, "{number}");
        }
    }

    fn snapshot(&self, found: &Snapshot, now: Timestamp) -> Snapshot {
        let holder = &self.accounts[&found.number];
        let terms = &self.types[&holder.kind];
        let today = now.to_jiff().to_zoned(self.zone.clone()).date();
        let date = today.max(holder.date);
        let (sent, counted) = if date == holder.date { (holder.sent, holder.counted) } else { (0, 0) };
        let per_day = in_force(holder.per_day, terms.limit_per_day);
        let quota = self.owners.get(&holder.owner).copied().unwrap_or(3);
        Snapshot {
            owner: holder.owner,
            kind: holder.kind,
            currency: holder.currency,
            scale: self.currencies[&holder.currency],
            status: match (holder.closed, holder.frozen.debits || holder.frozen.credits) {
                (true, _) => Status::Closed,
                (false, true) => Status::Frozen,
                (false, false) => Status::Open,
            },
            frozen: holder.frozen,
            posted: balance(holder.posted),
            held: amount(holder.held),
            pending_in: amount(holder.pending_in),
            holds: self.open_holds(found.number).into_iter().map(|(id, hold)| snapshot_hold(id, hold)).collect(),
            available: amount(holder.available()),
            overdraft: amount(holder.overdraft),
            limit_per_transfer: in_force(holder.per_transfer, terms.limit_per_transfer).map(amount),
            limit_per_day: per_day.map(amount),
            own_limit_per_transfer: holder.per_transfer,
            own_limit_per_day: holder.per_day,
            left_today: per_day.map(|limit| amount(limit - sent)),
            free_transfers_left: quota.saturating_sub(counted),
            date: date.into(),
            version: holder.version,
            position: Position::new(holder.last),
            ..found.clone()
        }
    }
}

/// Returns whether the engine's answer is the one that the model expects.
pub(crate) fn check_answer(command: &Command, answer: &Answer, expected: &Expected) {
    let found = match answer {
        Ok(Outcome::Posted(receipt)) => Expected::Posted {
            position: receipt.position.get(),
            date: receipt.date.to_jiff(),
            amount: units(receipt.amount),
            fee: units(receipt.fee),
            sender: i128::from(receipt.sender_balance.minor_units()),
            receiver: i128::from(receipt.receiver_balance.minor_units()),
        },
        Ok(Outcome::Opened { number, position }) => Expected::Opened { position: position.get(), number: *number },
        Ok(Outcome::Held(receipt)) => Expected::Held {
            position: receipt.position.get(),
            date: receipt.date.to_jiff(),
            amount: units(receipt.amount),
            fee: units(receipt.fee),
            expires_at: receipt.expires_at,
        },
        Ok(Outcome::Drawn(receipt)) => Expected::Drawn {
            position: receipt.position.get(),
            hold: receipt.hold,
            amount: units(receipt.amount),
            fee: units(receipt.fee),
            released: units(receipt.released),
            captured: units(receipt.captured),
            remaining: units(receipt.remaining),
            end: receipt.end,
            sender: i128::from(receipt.sender_balance.minor_units()),
            receiver: i128::from(receipt.receiver_balance.minor_units()),
        },
        Ok(other) => Expected::Recorded { position: other.position().get() },
        Err(refusal) => Expected::Refused(refusal.clone()),
    };
    assert_eq!(&found, expected, "{command:?}");
}

fn snapshot_hold(id: HoldId, hold: &Hold) -> SnapshotHold {
    SnapshotHold {
        id,
        held: amount(hold.held()),
        remaining: amount(hold.remaining()),
        placed_at: hold.placed_at,
        expires_at: hold.expires_at,
        requires_verification: hold.requires_verification,
        position: Position::new(hold.position),
    }
}

fn view(id: HoldId, hold: &Hold, found: &HoldView) -> HoldView {
    assert_eq!(found.ended_at.is_some(), hold.end.is_some(), "{found:?}");
    HoldView {
        id,
        status: match hold.end {
            None => HoldStatus::Open,
            Some(HoldEnd::Settled) => HoldStatus::Settled,
            Some(HoldEnd::Voided) => HoldStatus::Voided,
            Some(HoldEnd::Rejected) => HoldStatus::Rejected,
            Some(HoldEnd::Expired) => HoldStatus::Expired,
        },
        from: hold.from,
        to: hold.to,
        amount: amount(hold.amount),
        captured: amount(hold.captured),
        remaining: amount(hold.remaining()),
        fee: amount(hold.fee),
        placed_at: hold.placed_at,
        date: hold.placed_for.into(),
        // Events of ended holds repeat their placement.
        expires_at: hold.expires_at,
        requires_verification: hold.requires_verification,
        position: Position::new(hold.position),
        ended_at: found.ended_at,
        reason: hold.reason.clone(),
        customer_text: String::new(),
        details: hold.details.clone(),
    }
}
