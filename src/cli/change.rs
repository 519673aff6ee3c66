//! `jangbu freeze`, `unfreeze`, `close` and `limits`: changes of one account.

use std::path::Path;
use std::str::FromStr;

use jangbu::blocking::Bank;
use jangbu::{
    AccountNumber, Amount, CommandId,
    accounts::{Change, ChangeAccount, Changes, Freeze, LimitException},
    queries::Snapshot,
};

use super::dry_run::Unit;
use super::error::CliError;
use super::output::{Print, Printer};
use super::{account, args, data};

/// Which way money is stopped.
#[derive(Debug, clap::Args)]
pub(super) struct FreezeArgs {
    /// The account number
    #[arg(value_parser = args::typed)]
    number: AccountNumber,
    /// Only outgoing money
    #[arg(long, conflicts_with = "credits")]
    debits: bool,
    /// Only incoming money
    #[arg(long)]
    credits: bool,
    #[command(flatten)]
    once: Once,
}

/// Close an account for good; its balance must be zero and no open hold may involve it
#[derive(Debug, clap::Args)]
pub(super) struct CloseArgs {
    /// The account number
    #[arg(value_parser = args::typed)]
    number: AccountNumber,
    #[command(flatten)]
    once: Once,
}

/// Set an account's own limits and overdraft, and show what is in force
#[derive(Debug, clap::Args)]
pub(super) struct LimitsArgs {
    /// The account number
    #[arg(value_parser = args::typed)]
    number: AccountNumber,
    /// The most that one transfer may move: an amount in decimals, `none` for no limit, `type` for that of the account's
    /// type
    #[arg(long, value_name = "LIMIT")]
    per_transfer: Option<LimitArg>,
    /// The most that a day's transfers may move
    #[arg(long, value_name = "LIMIT")]
    per_day: Option<LimitArg>,
    /// How far below zero the balance may go, in decimals of the account's currency
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    overdraft: Option<String>,
    #[command(flatten)]
    once: Once,
}

/// How a change is printed, and the id under which it happens at most once.
#[derive(Clone, Copy, Debug, clap::Args)]
struct Once {
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

/// A limit as it is given: the amount cannot be read before the currency is known.
#[derive(Clone, Debug, PartialEq, Eq)]
enum LimitArg {
    OfType,
    Unlimited,
    Amount(String),
}

impl FromStr for LimitArg {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "type" => LimitArg::OfType,
            "none" => LimitArg::Unlimited,
            amount => LimitArg::Amount(amount.to_owned()),
        })
    }
}

/// Freezes an account, or unfreezes it, and prints it as it stands then.
pub(super) fn freeze(data: &Path, args: &FreezeArgs, frozen: bool) -> Result<(), CliError> {
    let till = Till::open(data, args.number, args.once)?;
    let Freeze { debits, credits } = till.account.frozen;
    // Without either, both.
    let (debits, credits) = (if args.credits { debits } else { frozen }, if args.debits { credits } else { frozen });
    till.change(Change::Freeze(Freeze { debits, credits }))
}

/// Closes an account and prints it as it stands then.
pub(super) fn close(data: &Path, args: &CloseArgs) -> Result<(), CliError> {
    Till::open(data, args.number, args.once)?.change(Change::Close)
}

/// Sets limits and prints the account as it stands then.
pub(super) fn limits(data: &Path, args: &LimitsArgs) -> Result<(), CliError> {
    let till = Till::open(data, args.number, args.once)?;
    let scale = till.account.scale;
    let limit = |given: &LimitArg| -> Result<LimitException, CliError> {
        Ok(match given {
            LimitArg::OfType => LimitException::Inherit,
            LimitArg::Unlimited => LimitException::Unlimited,
            LimitArg::Amount(text) => LimitException::At(args::amount(text, scale)?),
        })
    };
    let overdraft: Option<Amount> = args.overdraft.as_deref().map(|text| args::amount(text, scale)).transpose()?;
    let limit_per_transfer = args.per_transfer.as_ref().map(limit).transpose()?;
    let limit_per_day = args.per_day.as_ref().map(limit).transpose()?;
    till.change(Change::Several(Changes { overdraft, limit_per_transfer, limit_per_day, ..Changes::default() }))
}

/// A bank that is open to change one account.
struct Till {
    bank: Bank,
    account: Snapshot,
    id: Option<CommandId>,
    printer: Printer,
}

impl Till {
    fn open(data: &Path, number: AccountNumber, once: Once) -> Result<Till, CliError> {
        let bank = data::existing(data)?;
        let account = bank.snapshot(args::meant(&bank, number)?)?;
        let printer = once.print.of(&bank)?;
        Ok(Till { bank, account, id: once.id, printer })
    }

    /// Makes the change, and prints the account.
    fn change(self, change: Change) -> Result<(), CliError> {
        let Till { bank, account, id, printer } = self;
        // Without an id nobody can repeat it, so what leaves the account as it is writes nothing.
        if id.is_some() || !account.is_left_by(change) {
            let id = id.unwrap_or_else(CommandId::random);
            let change = ChangeAccount { id, account: account.number, change };
            bank.change_account(change).map_err(CliError::in_unit(Unit::of(&account)))?;
        }
        let account = bank.snapshot(account.number)?;
        bank.close()?;
        account::print(&printer, &account)
    }
}
