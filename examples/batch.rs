//! A day's payroll as one batch: a thousand transfers in one call, answered in order once all of them are durable.
//!
//! `cargo run --release --example batch`

use std::collections::BTreeMap;
use std::time::Instant;

use futures::executor::block_on;
use jangbu::{Amount, Bank, CashPosting, Command, OpenAccount, Outcome, OwnerId, Transfer};

const EMPLOYEES: u64 = 1_000;
const SALARY: u64 = 2_800_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    block_on(async {
        let bank = Bank::in_memory()?;
        let employer = bank.open_account(OpenAccount::new(OwnerId::new("employer")?)).await?;
        // Enough for all but the last ten, to show a refusal within a batch.
        let funds = Amount::new(SALARY * (EMPLOYEES - 10))?;
        bank.deposit(CashPosting::new(employer, funds)).await?;

        let openings: Vec<Command> = (0..EMPLOYEES)
            .map(|n| Ok(Command::OpenAccount(Box::new(OpenAccount::new(OwnerId::new(&format!("employee-{n}"))?)))))
            .collect::<Result<_, jangbu::accounts::OwnerIdError>>()?;
        let mut salaries = Vec::new();
        for answer in bank.submit(openings).await? {
            if let Outcome::Opened { number, .. } = answer? {
                let salary = Transfer::new(employer, number, Amount::new(SALARY)?).with_labels("payroll", "salary");
                salaries.push(Command::Transfer(salary));
            }
        }

        let begin = Instant::now();
        let answers = bank.submit(salaries).await?;
        println!("{} transfers decided and durable in {:?}", answers.len(), begin.elapsed());
        let mut results: BTreeMap<&str, u32> = BTreeMap::new();
        for answer in &answers {
            // A refusal concerns only its own command; the others of the batch are carried out.
            *results.entry(answer.as_ref().map_or_else(|refusal| refusal.code(), |_| "posted")).or_default() += 1;
        }
        println!("{results:?}");
        bank.close().await?;
        Ok(())
    })
}
