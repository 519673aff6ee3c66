//! `jangbu hold`: money set aside for a receiver, the first half of a two-phase transfer, and what becomes of it.

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

use super::data;
use super::desk::Desk;
use super::dry_run::Unit;
use super::error::CliError;
use super::fields::Fields;
use super::output::Printer;

/// Set money aside for a receiver: place, settle, void, amend, list, show
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

/// What only reads.
#[derive(Debug, Subcommand)]
pub(super) enum Read {
    List(list::Args),
    Show(show::Args),
}

/// Does what was asked of holds.
pub(super) fn run(data: &Path, args: Args) -> Result<(), CliError> {
    match args.action {
        Action::Place(args) => place::run(data, args),
        Action::Settle(args) => settle::run(data, &args),
        Action::Void(args) => void::run(data, &args),
        Action::Amend(args) => amend::run(data, &args),
        Action::Read(read) => data::read(data, |desk| read.run(desk)),
    }
}

#[cfg(feature = "server")]
impl Args {
    /// The command, if it only reads.
    pub(super) fn reading(self) -> Option<Read> {
        if let Action::Read(read) = self.action { Some(read) } else { None }
    }
}

impl Read {
    /// Reads.
    pub(super) fn run(&self, desk: &Desk) -> Result<(), CliError> {
        match self {
            Read::List(args) => list::run(desk, args),
            Read::Show(args) => show::run(desk, args),
        }
    }
}

/// A hold, and the currency that it is in.
#[derive(Debug)]
struct Known {
    view: HoldView,
    currency: Currency,
    scale: u8,
}

impl Known {
    /// What its amounts are counted in.
    const fn unit(&self) -> Unit {
        Unit { currency: self.currency, scale: self.scale }
    }
}

/// Finds a hold.
///
/// # Errors
/// [`Refusal::HoldUnknown`] when none was placed under that id.
fn known(bank: &Bank, hold: HoldId) -> Result<Known, CliError> {
    let Some(view) = bank.hold(hold)? else { return Err(Refusal::HoldUnknown { hold }.into()) };
    let sender = bank.snapshot(view.from)?;
    Ok(Known { view, currency: sender.currency, scale: sender.scale })
}

/// Prints a hold with everything that is known of it.
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

/// What an open hold waits for; nothing for one that ended.
fn waits_for(view: &HoldView) -> &'static str {
    let over = view.expires_at.is_some_and(|expires_at| expires_at <= SystemClock.now());
    match (view.status, over, view.verified) {
        (HoldStatus::Open, true, _) => "expiry",
        (HoldStatus::Open, false, true) => "verification",
        (HoldStatus::Open, false, false) => "settlement",
        _ => "",
    }
}

/// Prints what left a hold, and what is left in it.
fn print_draw(printer: &Printer, receipt: &DrawReceipt, known: &Known) -> Result<(), CliError> {
    let unit = known.unit();
    let HoldView { verified, amount, .. } = known.view;
    let status = MovementStatus::of_hold(verified, receipt.end, amount, receipt.captured);
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
