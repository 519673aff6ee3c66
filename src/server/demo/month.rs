//! A month of payments: wages, rent, coffee, groceries, shared dinners, savings.

use std::collections::BTreeMap;

use jangbu::{AccountNumber, Amount, Bank, CashPosting, Command, Error, OpenAccount, Transfer, accounts::TypeCode};

use super::people::PEOPLE;
use crate::server::principal::Role;
use crate::server::service::Service;

/// The accounts, by owner and type.
pub(super) struct Town {
    accounts: BTreeMap<(&'static str, &'static str), AccountNumber>,
}

/// A deterministic generator of random numbers.
struct Chance(u64);

impl Chance {
    /// Returns a number below `most`.
    fn below(&mut self, most: u64) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(most).unwrap_or(0)
    }
}

impl Town {
    fn account(&self, username: &'static str, kind: &'static str) -> Option<AccountNumber> {
        self.accounts.get(&(username, kind)).copied()
    }

    /// Returns a transfer, in won.
    fn pay(
        &self,
        (from, from_kind): (&'static str, &'static str),
        (to, to_kind): (&'static str, &'static str),
        won: u64,
        (sent, received): (&str, &str),
    ) -> Option<Command> {
        let (from, to) = (self.account(from, from_kind)?, self.account(to, to_kind)?);
        let transfer = Transfer::new(from, to, Amount::new(won).ok()?).with_labels(sent, received);
        Some(Command::Transfer(transfer))
    }
}

/// Opens everybody's accounts and deposits their opening balances.
///
/// # Errors
/// Those of the bank.
pub(super) async fn open_accounts(service: &Service) -> Result<Town, Error> {
    let mut chance = Chance(1);
    let mut accounts = BTreeMap::new();
    for person in PEOPLE.iter().filter(|person| person.role == Role::Member) {
        let Some(member) = service.members.find_by_username(person.username) else { continue };
        let kinds: &[&'static str] = if person.salary > 0 { &["salary", "savings"] } else { &["ordinary"] };
        for kind in kinds.iter().copied() {
            let Ok(code) = TypeCode::new(kind) else { continue };
            let open = OpenAccount::new(member.owner()).with_type(code);
            let number = service.bank.open_account(open).await?;
            let won = match (person.username, kind) {
                ("company", _) => 100_000_000,
                (_, "savings") => 500_000 + chance.below(60) * 100_000,
                _ => 400_000 + chance.below(90) * 10_000,
            };
            if let Ok(amount) = Amount::new(won) {
                service.bank.deposit(CashPosting::new(number, amount).with_label("opening")).await?;
            }
            accounts.insert((person.username, kind), number);
        }
    }
    Ok(Town { accounts })
}

/// Plays one day, counted from 0. `at` moves the clock to an hour of the day.
///
/// Refused transfers are left out.
///
/// # Errors
/// Those of the bank, except refusals.
pub(super) async fn play_day(bank: &Bank, town: &Town, day: u32, at: impl Fn(u64)) -> Result<(), Error> {
    let mut chance = Chance(u64::from(day).wrapping_mul(7_919));
    let earners: Vec<_> = PEOPLE.iter().filter(|person| person.salary > 0).collect();
    at(0);
    submit(bank, regular(town, day)).await?;
    for hour in 1..=12 {
        at(hour);
        let mut commands = Vec::new();
        for person in &earners {
            let me = (person.username, "salary");
            match chance.below(24) {
                0 => {
                    let won = 4_500 + chance.below(8) * 500;
                    commands.extend(town.pay(me, ("cafe", "ordinary"), won, ("달빛커피", person.username)));
                }
                1 => {
                    let won = 12_000 + chance.below(700) * 100;
                    commands.extend(town.pay(me, ("market", "ordinary"), won, ("groceries", person.username)));
                }
                2 => {
                    let friend = usize::try_from(chance.below(earners.len() as u64)).unwrap_or(0);
                    let label = if chance.below(2) == 0 { "저녁값" } else { "dinner" };
                    if let Some(friend) = earners.get(friend).filter(|friend| friend.username != person.username) {
                        let won = 9_000 + chance.below(40) * 1_000;
                        commands.extend(town.pay(me, (friend.username, "salary"), won, (label, label)));
                    }
                }
                _ => {}
            }
        }
        submit(bank, commands).await?;
    }
    Ok(())
}

/// Returns the monthly payments: rent on the third day, wages on the tenth, savings on the day after.
fn regular(town: &Town, day: u32) -> Vec<Command> {
    let earners = PEOPLE.iter().filter(|person| person.salary > 0);
    let payment = |person: &super::people::Person| {
        let mine = (person.username, "salary");
        match day {
            3 => town.pay(mine, ("landlord", "ordinary"), 300_000, ("월세", person.username)),
            10 => town.pay(("company", "ordinary"), mine, person.salary, (person.username, "급여")),
            11 => {
                let tenth = person.salary / 10;
                town.pay(mine, (person.username, "savings"), tenth, ("적금", "적금"))
            }
            _ => None,
        }
    };
    earners.filter_map(payment).collect()
}

async fn submit(bank: &Bank, commands: Vec<Command>) -> Result<(), Error> {
    if !commands.is_empty() {
        bank.submit(commands).await?;
    }
    Ok(())
}
