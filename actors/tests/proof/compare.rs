//! The engine's answers and accounts, held against the model's.

use std::collections::BTreeMap;

use jangbu_actors::command::{Command, Outcome};
use jangbu_actors::ledger::{Amount, Currency, Position, Timestamp};
use jangbu_actors::{Snapshot, Status};

use crate::model::{Answer, Expected, Model, in_force};
use crate::support::{CAP, amount, balance, units};

impl Model {
    /// Holds every account of `accounts` against the model, and the sums against zero.
    pub(crate) fn check_accounts(&self, accounts: &[Snapshot], now: Timestamp) {
        let numbers: Vec<_> = accounts.iter().map(|account| account.number).collect();
        assert_eq!(numbers, self.accounts.keys().copied().collect::<Vec<_>>());
        for snapshot in accounts {
            assert_eq!(snapshot, &self.snapshot(snapshot, now), "account {}", snapshot.number);
        }
        self.check_sums();
    }

    /// Sum zero in each currency, and no customer below its overdraft.
    pub(crate) fn check_sums(&self) {
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for (number, holder) in &self.accounts {
            *sums.entry(holder.currency).or_default() += holder.posted;
            assert!(holder.system || holder.posted >= -holder.overdraft, "{number} is below its overdraft");
            assert!(holder.posted.abs() <= CAP, "{number} is beyond the cap");
        }
        assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
    }

    fn snapshot(&self, found: &Snapshot, now: Timestamp) -> Snapshot {
        let holder = &self.accounts[&found.number];
        let terms = &self.types[&holder.kind];
        let today = now.to_jiff().to_zoned(self.zone.clone()).date();
        let date = today.max(holder.date);
        let (sent, counted) = if date == holder.date { (holder.sent, holder.counted) } else { (0, 0) };
        let per_day = in_force(holder.per_day, terms.limit_per_day);
        let quota = self.owners.get(&holder.owner).copied().unwrap_or(3);
        let available = if holder.system { CAP } else { holder.posted + holder.overdraft };
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
            held: Amount::ZERO,
            pending_in: Amount::ZERO,
            holds: Vec::new(),
            available: amount(available),
            overdraft: amount(holder.overdraft),
            limit_per_transfer: in_force(holder.per_transfer, terms.limit_per_transfer).map(amount),
            limit_per_day: per_day.map(amount),
            left_today: per_day.map(|limit| amount(limit - sent)),
            free_transfers_left: quota.saturating_sub(counted),
            date: date.into(),
            version: holder.version,
            position: Position::new(holder.last),
            ..found.clone()
        }
    }
}

/// Whether the engine's answer is the one that the model expects.
pub(crate) fn check_answer(command: &Command, answer: &Answer, expected: &Expected) {
    let found = match answer {
        Ok(Outcome::Posted(receipt)) => Expected::Posted {
            position: receipt.position.get(),
            date: receipt.date.to_jiff(),
            fee: units(receipt.fee),
            sender: i128::from(receipt.sender_balance.minor_units()),
            receiver: i128::from(receipt.receiver_balance.minor_units()),
        },
        Ok(Outcome::Opened { number, position }) => Expected::Opened { position: position.get(), number: *number },
        Ok(other) => Expected::Recorded { position: other.position().get() },
        Err(refusal) => Expected::Refused(refusal.clone()),
    };
    assert_eq!(&found, expected, "{command:?}");
}
