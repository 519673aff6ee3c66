//! The simulator.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
use jangbu_actors::command::*;
use jangbu_actors::ledger::*;
use jangbu_actors::sim::{Simulation, seeds};

#[test]
fn smoke() {
    for seed in seeds(200) {
        let report = Simulation::new(seed)
            .run(|bank, _world| async move {
                let mut open = OpenAccount::new(OwnerId::new("mina").unwrap());
                open.number = Some(AccountNumber::new("A1").unwrap());
                open.id = CommandId::derived(b"open");
                let a = bank.open_account(open).await?;
                for n in 0..30u32 {
                    let mut cash = CashPosting::new(a, Amount::new(10).unwrap());
                    cash.id = CommandId::derived(&n.to_le_bytes());
                    bank.deposit(cash).await?;
                }
                let s = bank.snapshot(a).await?;
                assert_eq!(s.posted.minor_units(), 300);
                bank.history(a, Default::default()).await?;
                Ok::<_, jangbu_actors::Error>(())
            })
            .unwrap();
        if seed < 8 { println!("{} crashes {} failures {} steps {} end {} {:?}", seed, report.crashes, report.disk_failures, report.steps, report.end, report.output); }
    }
}
