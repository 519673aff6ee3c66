//! `jangbu deposit` and `jangbu withdraw`: cash in and out.

use std::path::Path;

use jangbu::{AccountNumber, CashPosting, Command, CommandId};

use super::args;
use super::dry_run::{self, DryRun};
use super::error::CliError;
use super::output::{Print, print_receipt};
use super::texts::Texts;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account
    #[arg(value_parser = crate::cli::args::typed)]
    account: AccountNumber,
    /// The amount, in decimals of the account's currency, such as 1234.50
    #[arg(allow_negative_numbers = true)]
    amount: String,
    #[command(flatten)]
    dry_run: DryRun,
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    texts: Texts,
    #[command(flatten)]
    print: Print,
}

/// The direction of the cash.
#[derive(Clone, Copy, Debug)]
pub(super) enum Direction {
    /// A deposit.
    In,
    /// A withdrawal.
    Out,
}

/// Moves the cash and prints the receipt.
pub(super) fn run(data: &Path, args: Args, direction: Direction) -> Result<(), CliError> {
    let bank = args.dry_run.open(data)?;
    let account = args::resolve(&bank, args.account)?;
    let money = args.dry_run.check_lookup(&bank, args.print, args::amount_of(&bank, account, &args.amount))?;
    let mut posting = CashPosting::new(account, money.amount);
    if let Some(id) = args.id {
        posting = posting.with_id(id);
    }
    posting.details = args.texts.details();
    if args.dry_run.is_set() {
        let command = match direction {
            Direction::In => Command::Deposit(posting),
            Direction::Out => Command::Withdrawal(posting),
        };
        return dry_run::preview(bank, &command, &[money.unit()], args.print);
    }
    let printer = args.print.of(&bank)?;
    let moved = match direction {
        Direction::In => bank.deposit(posting).map(|receipt| (receipt, receipt.receiver_balance)),
        Direction::Out => bank.withdraw(posting).map(|receipt| (receipt, receipt.sender_balance)),
    };
    let (receipt, balance) = moved.map_err(CliError::in_unit(money.unit()))?;
    bank.close()?;
    print_receipt(&printer, &receipt, money, &[("balance", balance)])
}
