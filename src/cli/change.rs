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

/// Arguments of `freeze` and `unfreeze`.
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
    common: CommonArgs,
}

/// Close an account for good; the balance must be zero, and no open hold may involve it
#[derive(Debug, clap::Args)]
pub(super) struct CloseArgs {
    /// The account number
    #[arg(value_parser = args::typed)]
    number: AccountNumber,
    #[command(flatten)]
    common: CommonArgs,
}

/// Set an account's own limits and overdraft, and show the result
#[derive(Debug, clap::Args)]
pub(super) struct LimitsArgs {
    /// The account number
    #[arg(value_parser = args::typed)]
    number: AccountNumber,
    /// The largest amount of one transfer, in decimals; `none` for no limit, `type` for the limit of the account's type
    #[arg(long, value_name = "LIMIT")]
    per_transfer: Option<LimitArg>,
    /// The largest total amount of a day's transfers, with the same values
    #[arg(long, value_name = "LIMIT")]
    per_day: Option<LimitArg>,
    /// How far below zero the balance may go, in decimals of the account's currency
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    overdraft: Option<String>,
    #[command(flatten)]
    common: CommonArgs,
}

/// Arguments of every change.
#[derive(Clone, Copy, Debug, clap::Args)]
struct CommonArgs {
    /// The id of the command, a UUID: it takes effect at most once per id, so it is safe to retry
    #[arg(long, value_name = "UUID")]
    id: Option<CommandId>,
    #[command(flatten)]
    print: Print,
}

/// A limit as typed. Its amount cannot be parsed before the account's currency is known.
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

/// Freezes or unfreezes an account, and prints the result.
pub(super) fn freeze(data: &Path, args: &FreezeArgs, frozen: bool) -> Result<(), CliError> {
    let target = OpenAccount::open(data, args.number, args.common)?;
    let Freeze { debits, credits } = target.account.frozen;
    // Without either flag, both directions change.
    let (debits, credits) = (if args.credits { debits } else { frozen }, if args.debits { credits } else { frozen });
    target.change(Change::Freeze(Freeze { debits, credits }))
}

/// Closes an account and prints the result.
pub(super) fn close(data: &Path, args: &CloseArgs) -> Result<(), CliError> {
    OpenAccount::open(data, args.number, args.common)?.change(Change::Close)
}

/// Sets limits and prints the account.
pub(super) fn limits(data: &Path, args: &LimitsArgs) -> Result<(), CliError> {
    let target = OpenAccount::open(data, args.number, args.common)?;
    let scale = target.account.scale;
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
    target.change(Change::Several(Changes { overdraft, limit_per_transfer, limit_per_day, ..Changes::default() }))
}

/// An open bank and the account to change.
struct OpenAccount {
    bank: Bank,
    account: Snapshot,
    id: Option<CommandId>,
    printer: Printer,
}

impl OpenAccount {
    fn open(data: &Path, number: AccountNumber, common: CommonArgs) -> Result<OpenAccount, CliError> {
        let bank = data::existing(data)?;
        let account = bank.snapshot(args::resolve(&bank, number)?)?;
        let printer = common.print.of(&bank)?;
        Ok(OpenAccount { bank, account, id: common.id, printer })
    }

    /// Makes the change, and prints the account.
    fn change(self, change: Change) -> Result<(), CliError> {
        let OpenAccount { bank, account, id, printer } = self;
        // A command without an id cannot be repeated, so a change that has no effect is not recorded.
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
