//! `jangbu transfer`: money from one account to another.

use std::path::Path;

use jangbu::preview::Preview;
use jangbu::{AccountNumber, Amount, Command, CommandId, Transfer};

use super::args::Money;
use super::error::CliError;
use super::output::{Format, moment, print_one, print_receipt};
use super::{args, data};

/// Move money from one account to another
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account to debit
    from: AccountNumber,
    /// The account to credit
    to: AccountNumber,
    /// How much, in decimals of the sender's currency, for example 1234.50
    #[arg(allow_negative_numbers = true)]
    amount: String,
    /// Move less where less is available, down to one minor unit; the fee comes first
    #[arg(long)]
    at_most: bool,
    /// Tell what would come of it, and move nothing
    #[arg(long)]
    dry_run: bool,
    /// The id under which the transfer happens at most once, a UUID; repeat it to repeat a command safely
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    /// What both sides read on their statements, up to 10 characters
    #[arg(long)]
    label: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Moves the money and prints the receipt.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    let bank = data::existing(data)?;
    let money = args::amount_of(&bank, args.from, &args.amount)?;
    let mut transfer = Transfer::new(args.from, args.to, money.amount);
    transfer.at_most = args.at_most;
    if let Some(id) = args.id {
        transfer = transfer.with_id(id);
    }
    if let Some(label) = &args.label {
        transfer = transfer.with_labels(label, label);
    }
    if args.dry_run {
        let preview = bank.preview(&Command::Transfer(transfer))?;
        bank.close()?;
        return tell(args.format, preview, money);
    }
    let receipt = bank.transfer(transfer)?;
    // Only now: what is printed as done must be safe.
    bank.close()?;
    let balances = [("sender_balance", receipt.sender_balance), ("receiver_balance", receipt.receiver_balance)];
    print_receipt(args.format, &receipt, money, &balances)
}

/// Prints what would come of the transfer; a refusal as the error that it would be, after what would pass instead.
fn tell(format: Format, preview: Preview, money: Money) -> Result<(), CliError> {
    let decimal = |amount: Amount| amount.to_decimal(money.scale);
    match preview {
        Preview::Granted(quote) => {
            let left = quote.headroom;
            let fields = [
                ("would_move", decimal(quote.amount)),
                ("fee", decimal(quote.fee)),
                ("total", decimal(quote.total)),
                ("currency", money.currency.to_string()),
                ("date", quote.date.to_string()),
                ("available_after", decimal(left.available)),
                ("left_today_after", left.left_today.map_or("no limit".into(), decimal)),
                ("free_transfers_after", left.free_transfers_left.to_string()),
            ];
            print_one(format, &fields, &serde_json::to_value(&quote)?)
        }
        Preview::Refused(objection) => {
            let fields = [
                ("would_be", objection.refusal.code().to_owned()),
                ("largest_that_would_pass", objection.largest.map_or("none".into(), decimal)),
                ("earliest_that_would_pass", objection.earliest.map_or("not known".into(), moment)),
            ];
            print_one(format, &fields, &serde_json::to_value(&objection)?)?;
            Err(CliError::Refused(objection.refusal))
        }
    }
}
