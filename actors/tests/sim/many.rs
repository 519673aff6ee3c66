//! The auditor's test with many seeds.

use jangbu_sim::{SEED_VARIABLE, seeds};

use crate::clients::{Plan, simulate};
use crate::drawn::Seen;
use crate::journal;

/// Returns whether the long tests are requested.
pub(crate) fn is_long() -> bool {
    std::env::var_os("JANGBU_LONG").is_some_and(|value| value != "0")
}

#[test]
fn clients_and_auditor_agree_with_the_bank_across_crashes() {
    let plan = Plan { clients: 4, commands_each: 30 };
    let (mut crashes, mut failures, mut steps) = (0, 0, 0);
    let mut seen = Seen::default();
    let count = if is_long() { 20_000 } else { 300 };
    for seed in seeds(count) {
        let (report, notes) = simulate(seed, plan).unwrap();
        journal::check(&report, &notes.borrow());
        seen.take_in(&notes.borrow());
        crashes += report.crashes;
        failures += report.disk_failures;
        steps += report.steps;
    }
    if std::env::var_os(SEED_VARIABLE).is_none() {
        seen.check();
    }
    println!("{crashes} crashes, {failures} failures of the disk, {steps} steps");
}
