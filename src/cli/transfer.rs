//! `jangbu transfer`: moves money from one account to another.

use std::path::Path;

use jangbu::{AccountNumber, Command, CommandId, Transfer};

use super::args;
use super::dry_run::{self, DryRun};
use super::error::CliError;
use super::output::{Print, print_receipt};
use super::texts::Texts;

/// Move money from one account to another
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account to debit
    #[arg(value_parser = crate::cli::args::typed)]
    from: AccountNumber,
    /// The account to credit
    #[arg(value_parser = crate::cli::args::typed)]
    to: AccountNumber,
    /// The amount, in decimals of the sender's currency, such as 1234.50
    #[arg(allow_negative_numbers = true)]
    amount: String,
    /// Move less if less is available, down to one minor unit; the fee has priority
    #[arg(long)]
    at_most: bool,
    /// The largest fee to accept, in decimals of the sender's currency; with a larger fee, the transfer is refused
    #[arg(long, value_name = "AMOUNT")]
    most_fee: Option<String>,
    #[command(flatten)]
    dry_run: DryRun,
    /// The id of the transfer, a UUID: it happens at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    texts: Texts,
    #[command(flatten)]
    print: Print,
}

/// Moves the money and prints the receipt.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    let bank = args.dry_run.open(data)?;
    let (from, to) = (args::resolve(&bank, args.from)?, args::resolve(&bank, args.to)?);
    let money = args.dry_run.check_lookup(&bank, args.print, args::amount_of(&bank, from, &args.amount))?;
    let mut transfer = Transfer::new(from, to, money.amount);
    transfer.at_most = args.at_most;
    transfer.most_fee = args.most_fee.as_deref().map(|fee| args::amount(fee, money.scale)).transpose()?;
    if let Some(id) = args.id {
        transfer = transfer.with_id(id);
    }
    transfer.details = args.texts.details();
    if args.dry_run.is_set() {
        return dry_run::preview(bank, &Command::Transfer(transfer), &[money.unit()], args.print);
    }
    let printer = args.print.of(&bank)?;
    let receipt = bank.transfer(transfer).map_err(CliError::in_unit(money.unit()))?;
    // The bank must close before the receipt is printed: what is printed as done must be durable.
    bank.close()?;
    let balances = [("sender_balance", receipt.sender_balance), ("receiver_balance", receipt.receiver_balance)];
    print_receipt(&printer, &receipt, money, &balances)
}
