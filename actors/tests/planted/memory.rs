//! Bugs that keep too much in memory: the simulator checks the limits of every bank and every audit.

use std::time::Duration;

use jangbu_actors::Error;
use jangbu_actors::command::{CashPosting, OpenAccount};
use jangbu_actors::ledger::{AccountNumber, CommandId, OwnerId, RecordPut};
use jangbu_actors::plant::Bug;
use jangbu_sim::Simulation;

use crate::catches;
use crate::town::won;

/// The seeds to run. Some draw small limits.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=12;

/// Writes application records and opens accounts, across crashes.
fn records_and_accounts() {
    for seed in SEEDS {
        let run = |bank: jangbu_actors::Bank, world: jangbu_sim::World| async move {
            for n in 0..12u8 {
                let (key, value) = (format!("{n:03}"), Some(vec![n; 400]));
                bank.put_records(vec![RecordPut { kind: "note".into(), key, value, expected: None }]).await?;
                let number = AccountNumber::new(&format!("A{n:03}")).unwrap();
                let open = OpenAccount::new(OwnerId::new("ann").unwrap()).with_number(number);
                bank.open_account(open.with_id(CommandId::derived(&[n]))).await?;
                bank.deposit(CashPosting::new(number, won(1)).with_id(CommandId::derived(&[n, n]))).await?;
                world.sleep(Duration::from_millis(100)).await;
            }
            Ok::<_, Error>(())
        };
        Simulation::new(seed).run(run).unwrap();
    }
}

#[test]
fn uncounted_application_records_are_caught() {
    catches(Bug::UnstoredUncounted, "bytes", records_and_accounts);
}

#[test]
fn late_checkpoints_are_caught() {
    catches(Bug::CheckpointTimeIgnored, "records have not been stored for", records_and_accounts);
}

#[test]
fn a_replay_that_keeps_everything_is_caught() {
    catches(Bug::ReplayInOneGo, "a replay kept", records_and_accounts);
}
