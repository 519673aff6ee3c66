//! `jangbu hold`: money set aside for a receiver, the first half of a two-phase transfer.

mod amend;
mod list;
mod place;
mod settle;
mod show;
mod void;

use std::path::Path;

use clap::Subcommand;
use jangbu::blocking::Bank;
use jangbu::clock::{Clock, SystemClock};
use jangbu::{
    Currency, HoldId, Refusal,
    holds::DrawReceipt,
    queries::{HoldStatus, HoldView, MovementStatus},
};

use super::context::Context;
use super::data;
use super::dry_run::Unit;
use super::error::CliError;
use super::fields::Fields;
use super::output::Printer;

/// Set money aside for a receiver, and settle, void, amend, list or show holds
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Place(place::Args),
    Settle(settle::Args),
    Void(void::Args),
    Amend(amend::Args),
    #[command(flatten)]
    Read(Read),
}

/// Commands that only read.
#[derive(Debug, Subcommand)]
pub(super) enum Read {
    List(list::Args),
    Show(show::Args),
}

/// Runs the subcommand.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    match args.action {
        Action::Place(args) => place::run(data, args),
        Action::Settle(args) => settle::run(data, &args),
        Action::Void(args) => void::run(data, &args),
        Action::Amend(args) => amend::run(data, &args),
        Action::Read(read) => data::read(data, |context| read.run(context)),
    }
}

#[cfg(feature = "server")]
impl Args {
    /// Returns the command if it only reads.
    pub(super) fn reading(self) -> Option<Read> {
        if let Action::Read(read) = self.action { Some(read) } else { None }
    }
}

impl Read {
    /// Runs the command.
    pub(super) fn run(&self, context: &Context) -> Result<(), CliError> {
        match self {
            Read::List(args) => list::run(context, args),
            Read::Show(args) => show::run(context, args),
        }
    }
}

/// A hold and its currency.
#[derive(Debug)]
struct Known {
    view: HoldView,
    currency: Currency,
    scale: u8,
}

impl Known {
    /// Returns the unit of the hold's amounts.
    const fn unit(&self) -> Unit {
        Unit { currency: self.currency, scale: self.scale }
    }
}

/// Finds a hold.
///
/// # Errors
/// [`Refusal::HoldUnknown`] if there is no hold with this id.
fn known(bank: &Bank, hold: HoldId) -> Result<Known, CliError> {
    let Some(view) = bank.hold(hold)? else { return Err(Refusal::HoldUnknown { hold }.into()) };
    let sender = bank.snapshot(view.from)?;
    Ok(Known { view, currency: sender.currency, scale: sender.scale })
}

/// Prints all fields of a hold.
fn print_view(printer: &Printer, known: &Known) -> Result<(), CliError> {
    let Known { view, currency, .. } = known;
    let unit = known.unit();
    Fields::default()
        .text("id", view.id)
        .text("status", view.standing())
        .text("waits_for", waits_for(view))
        .text("from", view.from)
        .text("to", view.to)
        .text("currency", currency)
        .amount("amount", view.amount, unit)
        .amount("captured", view.captured, unit)
        .amount("remaining", view.remaining, unit)
        .amount("fee", view.fee, unit)
        .moment("placed_at", Some(view.placed_at))
        .date("date", view.date)
        .moment("expires_at", view.expires_at)
        .moment("ended_at", view.ended_at)
        .text("reason", &view.reason)
        .text("customer_text", &view.customer_text)
        .text("label", &view.details.sender_label)
        .text("reference", &view.details.reference)
        .text("end_to_end_id", view.details.end_to_end_id().unwrap_or_default())
        .plain("position", view.position)
        .print(printer)
}

/// Returns what an open hold waits for, or an empty text if it has ended.
fn waits_for(view: &HoldView) -> &'static str {
    let over = view.expires_at.is_some_and(|expires_at| expires_at <= SystemClock.now());
    match (view.status, over, view.requires_verification) {
        (HoldStatus::Open, true, _) => "expiry",
        (HoldStatus::Open, false, true) => "verification",
        (HoldStatus::Open, false, false) => "settlement",
        _ => "",
    }
}

/// Prints the receipt of a settlement or a release, and what is left of the hold.
fn print_draw(printer: &Printer, receipt: &DrawReceipt, known: &Known) -> Result<(), CliError> {
    let unit = known.unit();
    let HoldView { requires_verification, amount, .. } = known.view;
    let status = MovementStatus::of_hold(requires_verification, receipt.end, amount, receipt.captured);
    Fields::default()
        .text("id", receipt.id)
        .text("hold", receipt.hold)
        .plain("position", receipt.position)
        .moment("recorded_at", Some(receipt.recorded_at))
        .text("currency", known.currency)
        .amount("amount", receipt.amount, unit)
        .amount("fee", receipt.fee, unit)
        .amount("released", receipt.released, unit)
        .amount("captured", receipt.captured, unit)
        .amount("remaining", receipt.remaining, unit)
        .text("status", status)
        .balance("sender_balance", receipt.sender_balance, unit)
        .balance("receiver_balance", receipt.receiver_balance, unit)
        .print(printer)
}
