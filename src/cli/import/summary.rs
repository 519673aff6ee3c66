//! Prints the summary of an import.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use serde_json::{Value, json};

use super::outcome::{RowOutcome, Status};
use super::plan::{Decimal, ImportParams, Plan, Request, Unit, Verdict, reference};
use super::{Phase, rows};
use crate::cli::error::CliError;
use crate::cli::output::{ReportFormat, print_object, stdout};
use crate::tables::decimal;

/// The outcomes of a file's rows, counted.
#[derive(Debug, Default)]
struct Tally {
    counts: [u64; 6],
    /// The minor units that this import moved.
    moved: BTreeMap<Unit, u128>,
    /// The number of refused rows by reason, and by whether they were refused before.
    reasons: BTreeMap<(bool, &'static str), u64>,
}

impl Tally {
    fn of(plan: &Plan, outcomes: &[RowOutcome]) -> Tally {
        let mut tally = Tally::default();
        let add = |count: &mut u64| *count = count.saturating_add(1);
        for (verdict, outcome) in plan.verdicts.iter().zip(outcomes) {
            let [done, before, refused, refused_before, unreadable, not_tried] = &mut tally.counts;
            add(match outcome.status {
                Status::Done => done,
                Status::Before => before,
                Status::Refused | Status::Reused | Status::Archived => refused,
                Status::RefusedBefore => refused_before,
                Status::Unreadable => unreadable,
                Status::NotTried => not_tried,
            });
            let is_refused = !matches!(outcome.status, Status::Unreadable | Status::NotTried);
            if let (true, Some(reason)) = (is_refused, &outcome.reason) {
                add(tally.reasons.entry((outcome.status == Status::RefusedBefore, reason.code)).or_default());
            }
            if let (Status::Done, Verdict::Ask(task)) = (outcome.status, verdict)
                && let Request::Deposit { amount, .. } | Request::Order { amount, .. } = &task.request
            {
                let moved = tally.moved.entry(task.unit).or_default();
                *moved = moved.saturating_add(u128::from(amount.minor_units()));
            }
        }
        tally
    }

    fn refused(&self, before: bool) -> u64 {
        self.reasons.iter().filter(|((then, _), _)| *then == before).map(|(_, count)| count).sum()
    }
}

/// Prints on standard error why rows were not imported, for the statuses that `only` accepts.
pub(super) fn report_errors(phases: &[Phase], only: impl Fn(Status) -> bool) -> Result<(), CliError> {
    let mut errors = BufWriter::new(io::stderr().lock());
    for Phase { plan, outcomes } in phases {
        let path = plan.sheet.path().display();
        for (at, outcome) in
            outcomes.iter().enumerate().filter(|(_, outcome)| outcome.is_failed() && only(outcome.status))
        {
            let line = plan.sheet.line(at);
            let Some(reason) = outcome.reason.as_deref() else { continue };
            if outcome.status == Status::Unreadable {
                writeln!(errors, "{path}: line {line}, {}", reason.words)?;
                continue;
            }
            let what = match outcome.status {
                Status::RefusedBefore => "refused before: ",
                Status::Refused => "refused now: ",
                _ => "",
            };
            writeln!(errors, "{path}: line {line}, {}: {what}{} ({})", name(plan, at), reason.words, reason.code)?;
        }
    }
    Ok(errors.flush()?)
}

/// Returns a name for a row in messages: its identity, or its content if it has none.
fn name(plan: &Plan, at: usize) -> String {
    let one = plan.sheet.kind().rows().trim_end_matches('s');
    let row = plan.sheet.row(at);
    match row.as_ref().map_or("", |row| reference(row)) {
        "" => match plan.verdicts.get(at) {
            Some(Verdict::Ask(task)) => match task.request {
                Request::Deposit { to, amount } => format!("{one} of {} to {to}", amount.to_decimal(task.unit.scale)),
                _ => one.to_owned(),
            },
            _ => one.to_owned(),
        },
        known => format!("{one} {known}"),
    }
}

/// Prints one line per file, followed by its refusals by reason.
pub(super) fn print(
    phases: &[Phase],
    params: ImportParams,
    dry_run: bool,
    format: ReportFormat,
) -> Result<(), CliError> {
    let tallies: Vec<(&Plan, Tally)> =
        phases.iter().map(|Phase { plan, outcomes }| (plan, Tally::of(plan, outcomes))).collect();
    match format {
        ReportFormat::Table => print_text(&tallies, params, dry_run),
        ReportFormat::Json => {
            let files: Vec<Value> = tallies.iter().map(|(plan, tally)| object(plan, tally)).collect();
            print_object(&json!({ "dry_run": dry_run, "month": params.month, "files": files }))
        }
    }
}

fn print_text(tallies: &[(&Plan, Tally)], params: ImportParams, dry_run: bool) -> Result<(), CliError> {
    let mut output = stdout();
    for (plan, _) in tallies {
        let sheet = &plan.sheet;
        let decimals = if params.decimal == Decimal::Comma { "decimal comma, " } else { "" };
        let (path, found, (_, separator)) = (sheet.path().display(), sheet.found(), sheet.separator());
        writeln!(output, "{path}: {found}, separated by {separator}, {decimals}{}", rows(sheet.len()))?;
    }
    if dry_run {
        writeln!(output, "dry run: nothing was changed; an import would do this now:")?;
    }
    for (plan, tally) in tallies {
        let kind = plan.sheet.kind();
        let title = match kind {
            super::columns::Kind::Orders => format!("month {}", params.month),
            _ => kind.rows().to_owned(),
        };
        let moved: Vec<String> = tally
            .moved
            .iter()
            .map(|(unit, units)| {
                format!("{} {}", decimal(i128::try_from(*units).unwrap_or(i128::MAX), unit.scale), unit.currency)
            })
            .collect();
        let moved = if moved.is_empty() { String::new() } else { format!(" ({})", moved.join(", ")) };
        let ([done, before, ..], word) = (tally.counts, kind.done());
        let refused_before = match tally.refused(true) {
            0 => String::new(),
            count => format!(", {count} refused before"),
        };
        let refused = tally.refused(false);
        writeln!(output, "{title:10}{done} {word}{moved}, {before} {word} before, {refused} refused{refused_before}")?;
        for ((before, reason), count) in &tally.reasons {
            let when = if *before { "refused before" } else { "refused" };
            writeln!(output, "{:10}{when} {count}: {reason}", "")?;
        }
    }
    Ok(output.flush()?)
}

fn object(plan: &Plan, tally: &Tally) -> Value {
    let sheet = &plan.sheet;
    let moved = tally.moved.iter().map(|(unit, units)| {
        // In minor units; as text if it is outside the range of JSON numbers.
        let amount = u64::try_from(*units).map_or_else(|_| json!(units.to_string()), |units| json!(units));
        json!({ "currency": unit.currency, "amount": amount })
    });
    let reasons = tally
        .reasons
        .iter()
        .map(|((before, reason), count)| json!({ "reason": reason, "before": before, "rows": count }));
    let [done, before, refused, refused_before, unreadable, not_tried] = tally.counts;
    json!({
        "file": sheet.path().display().to_string(),
        "of": sheet.kind().rows(),
        "encoding": sheet.found().to_string(),
        "separator": sheet.separator().0,
        "rows": sheet.len(),
        "done": done,
        "done_before": before,
        "refused": refused,
        "refused_before": refused_before,
        "unreadable": unreadable,
        "not_tried": not_tried,
        "moved": moved.collect::<Vec<_>>(),
        "refusals": reasons.collect::<Vec<_>>(),
    })
}
