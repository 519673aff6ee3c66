//! Commands of the maximum size.

use jangbu_actors::command::{Command, Linked, Step};
use jangbu_actors::ledger::{Amount, CommandId, Details, RecordPut};
use jangbu_sim::World;

use crate::notes::Notes;
use crate::workload::any_account;

/// Application records, or linked steps with nearly all texts at their limits.
pub(crate) fn large(world: &World, _: &Notes, id: CommandId) -> Command {
    if world.below(4) == 0 {
        let put = |n: u64| RecordPut {
            kind: "large".into(),
            key: format!("l{n}"),
            value: Some(vec![u8::try_from(n).unwrap(); 4_096 - usize::try_from(world.below(64)).unwrap()]),
            expected: None,
        };
        return Command::PutRecords { id, puts: (0..16).map(put).collect() };
    }
    let steps = 64 - world.below(8);
    // Without a limit in the bank, every length would be accepted.
    let mut value_bytes = 60 + usize::try_from(world.below(141)).unwrap();
    loop {
        let command = linked(world, id, steps, value_bytes);
        if command.check().is_ok() {
            return command;
        }
        value_bytes -= 5;
    }
}

fn linked(world: &World, id: CommandId, steps: u64, value_bytes: usize) -> Command {
    let step = |_| {
        let metadata = (0..8).map(|n| (format!("{n:040}"), "v".repeat(value_bytes))).collect();
        let details = Details { reference: "r".repeat(140), metadata, ..Details::default() };
        let amount = Amount::new(world.below(20)).unwrap();
        let (from, to) = (any_account(world), any_account(world));
        Step::Transfer { from, to, amount, at_most: true, most_fee: None, details: Some(Box::new(details)) }
    };
    Command::Linked(Linked::new((0..steps).map(step).collect()).with_id(id))
}
