//! `jangbu sweep`: brings an account to zero or to another target.

use std::path::Path;

use jangbu::{AccountNumber, Amount, Balance, Command, CommandId, transfers::Sweep};

use super::args;
use super::dry_run::{self, DryRun, Unit};
use super::error::CliError;
use super::output::{Print, print_receipt};
use super::texts::Texts;

/// Bring an account to zero or to a target balance against a second account, without fee or limit
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The account to bring to the target
    #[arg(value_parser = crate::cli::args::typed)]
    account: AccountNumber,
    /// The account that receives the excess over the target, or pays the shortfall
    #[arg(value_parser = crate::cli::args::typed)]
    against: AccountNumber,
    /// The balance to reach, in decimals of the account's currency; it may be negative
    #[arg(long, value_name = "AMOUNT", default_value = "0", allow_negative_numbers = true)]
    target: String,
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

/// Moves the difference and prints the receipt.
pub(super) fn run(data: &Path, args: &Args) -> Result<(), CliError> {
    let bank = args.dry_run.open(data)?;
    let (number, against) = (args::resolve(&bank, args.account)?, args::resolve(&bank, args.against)?);
    let account = args.dry_run.check_lookup(&bank, args.print, bank.snapshot(number).map_err(CliError::from))?;
    let mut sweep = Sweep::to_zero(number, against).with_target(target(&args.target, account.scale)?);
    if let Some(id) = args.id {
        sweep = sweep.with_id(id);
    }
    sweep.details = args.texts.details();
    let unit = Unit::of(&account);
    if args.dry_run.is_set() {
        return dry_run::preview(bank, &Command::Sweep(Box::new(sweep)), &[unit], args.print);
    }
    let printer = args.print.of(&bank)?;
    let receipt = bank.sweep(sweep).map_err(CliError::in_unit(unit))?;
    let from = bank.movement(receipt.id)?.and_then(|movement| movement.from);
    bank.close()?;
    let money = args::Money { amount: receipt.amount, currency: account.currency, scale: account.scale };
    let (sender, receiver) = (receipt.sender_balance, receipt.receiver_balance);
    let balances = match from == Some(number) {
        true => [("balance", sender), ("against_balance", receiver)],
        false => [("balance", receiver), ("against_balance", sender)],
    };
    print_receipt(&printer, &receipt, money, &balances)
}

/// Parses a balance in decimals of a currency with `scale` decimals.
fn target(text: &str, scale: u8) -> Result<Balance, CliError> {
    // Zero is the same in every currency, so its decimals do not matter.
    if text == "0" {
        return Ok(Balance::ZERO);
    }
    let wrong = |source| CliError::Amount { text: text.into(), source };
    let (digits, negative) = text.strip_prefix('-').map_or((text, false), |digits| (digits, true));
    let amount = Amount::parse(digits, scale).map_err(wrong)?;
    let balance = Balance::from(amount);
    // Amounts and balances have the same bound, so a negated amount is always in range.
    let debt = Balance::ZERO.debit(amount).unwrap_or(Balance::ZERO);
    Ok(if negative { debt } else { balance })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_may_be_debts() {
        for (text, units) in [("0", 0), ("0.00", 0), ("12.5", 1_250), ("-12.50", -1_250), ("-0.01", -1)] {
            assert_eq!(target(text, 2).unwrap().minor_units(), units, "{text}");
        }
        for wrong in ["", "-", "--1", "1.001", "+1", "-9007199254740992"] {
            assert!(target(wrong, 2).is_err(), "{wrong}");
        }
    }
}
