//! Standing orders: rent at the end of every month, savings of whatever is left, and a bank that was closed for a
//! while.
//!
//! `cargo run --example standing_orders`

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jangbu::blocking::Bank;
use jangbu::clock::Clock;
use jangbu::{
    Amount, CashPosting, CommandId, OpenAccount, OwnerId, Timestamp,
    schedules::{
        CatchUp, ChangeSchedule, End, Retry, Rule, RunOutcome, Schedule, ScheduleChange, SetSchedule, TimeOfDay,
    },
};

/// A calendar that is set by hand. A real program leaves the clock to the bank.
struct Calendar(AtomicI64);

impl Calendar {
    fn turn_to(&self, moment: &str) -> Result<(), Box<dyn std::error::Error>> {
        self.0.store(moment.parse::<Timestamp>()?.as_ns(), Ordering::SeqCst);
        Ok(())
    }
}

impl Clock for Calendar {
    fn now(&self) -> Timestamp {
        Timestamp::from_ns(self.0.load(Ordering::SeqCst))
    }
}

fn print_runs(bank: &Bank, name: &str, id: CommandId) -> Result<(), Box<dyn std::error::Error>> {
    println!("{name}:");
    for run in bank.schedule_runs(id, None, 100)?.data.iter().rev() {
        let what = match &run.outcome {
            RunOutcome::Posted { attempt, position } => format!("posted by attempt {} at {position}", attempt.number),
            RunOutcome::Accepted { attempt, position } => {
                format!("held by attempt {} at {position}, to be verified", attempt.number)
            }
            RunOutcome::Refused { attempt, refusal } => format!("attempt {} refused: {refusal}", attempt.number),
            RunOutcome::Skipped { missed } => format!("{missed} skipped"),
        };
        println!("  {}  {what}", run.occurrence);
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let calendar = Arc::new(Calendar(AtomicI64::new(0)));
    calendar.turn_to("2026-11-01T12:00:00+09:00")?;
    let directory = std::env::temp_dir().join(format!("jangbu-standing-orders-{}", std::process::id()));
    // The bank stays closed for weeks, longer than it trusts its clock without confirmation. Nobody confirms the clock
    // here, so the lead is unlimited.
    let open = || {
        let builder = jangbu::Bank::builder().clock(Arc::clone(&calendar) as Arc<dyn Clock>);
        builder.clock_lead(Duration::MAX).open(&directory)
    };

    let bank = Bank::from(open()?);
    let mina = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
    let landlord = bank.open_account(OpenAccount::new(OwnerId::new("landlord")?))?;
    let savings = bank.open_account(OpenAccount::new(OwnerId::new("mina")?))?;
    bank.deposit(CashPosting::new(mina, Amount::new(1_000_000)?))?;

    // On the last day of each month, twelve times. If there is not enough money, again every hour of that day.
    let last_of_month = Rule::monthly(31, TimeOfDay::new(9, 0)?);
    let rent = Schedule::new(mina, landlord, Amount::new(800_000)?, last_of_month)
        .with_end(End::AfterRuns(12))
        .with_catch_up(CatchUp::All)
        .with_retry(Retry { attempts: 10, interval_s: 3_600 });
    let rent = SetSchedule::new(rent);
    let rent_id = rent.id;
    bank.schedule(rent)?;

    // Every Monday, whatever is available up to an amount. Of missed weeks, only the latest.
    let mondays = Rule::weekly("mon".parse()?, TimeOfDay::new(18, 0)?);
    let saving = SetSchedule::new(Schedule::new(mina, savings, Amount::new(150_000)?, mondays).up_to());
    let saving_id = saving.id;
    bank.schedule(saving)?;

    // November: two Mondays. Then the rent is due, but there is too little on the account.
    for moment in ["2026-11-02T18:00:00+09:00", "2026-11-09T18:00:00+09:00", "2026-11-30T09:00:00+09:00"] {
        calendar.turn_to(moment)?;
        bank.run_due()?;
    }
    // The salary arrives, and the next attempt succeeds.
    bank.deposit(CashPosting::new(mina, Amount::new(2_000_000)?))?;
    calendar.turn_to("2026-11-30T10:00:00+09:00")?;
    bank.run_due()?;

    // The bank is closed until February. The missed rents are paid afterwards, the missed savings are not.
    bank.close()?;
    calendar.turn_to("2027-02-01T00:00:00+09:00")?;
    let bank = Bank::from(open()?);
    bank.run_due()?;
    bank.change_schedule(ChangeSchedule::new(saving_id, ScheduleChange::Cancel))?;

    print_runs(&bank, "rent", rent_id)?;
    print_runs(&bank, "savings", saving_id)?;
    println!("on the account are {}, and {} is saved", bank.snapshot(mina)?.posted, bank.snapshot(savings)?.posted);
    bank.close()?;
    std::fs::remove_dir_all(directory)?;
    Ok(())
}
