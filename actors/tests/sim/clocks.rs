//! False clocks: the machine's clock sometimes reads days or years ahead, across crashes, and is corrected or accepted.
//!
//! The simulation's own audit checks that nothing is dated by an unaccepted time.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use jangbu_actors::clock::ClockStanding;
use jangbu_actors::command::{CashPosting, Command, OpenAccount, PlaceHold, SetSchedule, SettleHold, Transfer};
use jangbu_actors::ledger::{AccountNumber, Amount, CommandId, OwnerId, Rule, Schedule, TimeOfDay};
use jangbu_actors::{Bank, BankError, Error};
use jangbu_sim::{Failure, Report, Simulation, World, seeds};

/// The number of commands per client.
const COMMANDS: u64 = 40;

/// What happened over all lives of a simulation.
#[derive(Default)]
pub(crate) struct Seen {
    turned_away: u32,
    accepted: u32,
    done: u64,
}

fn won(units: u64) -> Amount {
    Amount::new(units).unwrap()
}

fn account(number: &str) -> AccountNumber {
    AccountNumber::new(number).unwrap()
}

/// Repeats until the clock is trusted: waits for its correction, or accepts its reading.
async fn insist(bank: &Bank, world: &World, seen: &RefCell<Seen>, command: Command) -> Result<(), Error> {
    loop {
        let recorded = bank.position_of(command.id()).await?;
        match bank.submit(vec![command.clone()]).await {
            Err(Error::Bank(BankError::ClockAhead { now, last, lead })) => {
                seen.borrow_mut().turned_away += 1;
                assert!(now > last.after(lead), "{now} is within {lead:?} of {last}");
                assert_eq!(bank.position_of(command.id()).await?, recorded, "the id was consumed");
                if world.below(6) > 0 {
                    world.sleep(Duration::from_secs(world.below(600))).await;
                    continue;
                }
                match bank.accept_clock(now).await {
                    Ok(_) => seen.borrow_mut().accepted += 1,
                    // It jumped again.
                    Err(BankError::ClockAhead { now: reading, .. }) => assert!(reading > now.after(lead)),
                    Err(error) => return Err(error.into()),
                }
            }
            answer => return answer.map(drop),
        }
    }
}

async fn work(bank: Bank, world: World, seen: Rc<RefCell<Seen>>) -> Result<(), Error> {
    let id = |what: &str, number: u64| CommandId::derived(format!("{what} {number}").as_bytes());
    let (a, b) = (account("A"), account("B"));
    for (number, to) in [(0, a), (1, b)] {
        let open = OpenAccount::new(OwnerId::new("mina").unwrap()).with_number(to).with_id(id("open", number));
        insist(&bank, &world, &seen, Command::OpenAccount(Box::new(open))).await?;
        let cash = CashPosting::new(to, won(100_000)).with_id(id("cash", number));
        insist(&bank, &world, &seen, Command::Deposit(cash)).await?;
    }
    let monthly = Rule::monthly(1, TimeOfDay::new(9, 0).unwrap());
    let order = SetSchedule::new(Schedule::new(a, b, won(1), monthly)).with_id(id("order", 0));
    insist(&bank, &world, &seen, Command::SetSchedule(Box::new(order))).await?;
    loop {
        let number = seen.borrow().done;
        if number >= COMMANDS {
            return Ok(());
        }
        let (from, to) = if world.below(2) == 0 { (a, b) } else { (b, a) };
        let transfer = Transfer::new(from, to, won(1)).with_id(id("pay", number));
        insist(&bank, &world, &seen, Command::Transfer(transfer)).await?;
        if world.below(4) == 0 {
            let hold = PlaceHold::new(a, b, won(10)).with_id(id("hold", number));
            let hold = hold.with_expiry(world.now().after(Duration::from_secs(world.below(100_000))));
            insist(&bank, &world, &seen, Command::PlaceHold(Box::new(hold))).await?;
            let settle =
                SettleHold { id: id("settle", number), ..SettleHold::part(id("hold", number), won(1)).keeping_rest() };
            insist(&bank, &world, &seen, Command::SettleHold(settle)).await?;
        }
        match bank.run_due().await {
            Ok(()) | Err(BankError::ClockAhead { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let state = bank.clock_state().await?;
        let is_ahead = state.reading > state.trusted.after(state.lead);
        assert_eq!(state.standing == ClockStanding::Ahead, is_ahead, "{state:?}");
        world.sleep(Duration::from_secs(world.below(60))).await;
        seen.borrow_mut().done += 1;
    }
}

/// Runs a simulation with false clocks.
pub(crate) fn simulate(seed: u64) -> Result<(Report<()>, Seen), Failure> {
    let seen = Rc::new(RefCell::new(Seen::default()));
    let kept = Rc::clone(&seen);
    let simulation = Simulation::new(seed).false_clocks(true).steps(400_000);
    let report = simulation.run(move |bank, world| work(bank, world, Rc::clone(&kept)))?;
    let seen = std::mem::take(&mut *seen.borrow_mut());
    Ok((report, seen))
}

#[test]
fn no_record_has_the_time_of_an_unaccepted_false_clock() {
    let count = if std::env::var_os("JANGBU_LONG").is_some_and(|value| value != "0") { 5_000 } else { 150 };
    let (mut turned_away, mut accepted, mut crashes) = (0, 0, 0);
    for seed in seeds(count) {
        let (report, seen) = simulate(seed).unwrap();
        turned_away += seen.turned_away;
        accepted += seen.accepted;
        crashes += report.crashes;
    }
    println!("{turned_away} times turned away, {accepted} acceptances, {crashes} crashes");
    if count > 1 && std::env::var_os(jangbu_sim::SEED_VARIABLE).is_none() {
        assert!(turned_away > 200 && accepted > 30, "{turned_away} times turned away, {accepted} acceptances");
    }
}
