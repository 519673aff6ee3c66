//! What an import says at its end.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};

use serde_json::{Value, json};

use super::fate::{Fate, Status};
use super::plan::{Asked, Decimal, Plan, Terms, Unit, Verdict, reference};
use super::{Phase, rows};
use crate::cli::error::CliError;
use crate::cli::output::{Brief, print_object, stdout};
use crate::tables::decimal;

/// What became of the rows of a file, counted.
#[derive(Debug, Default)]
struct Tally {
    counts: [u64; 6],
    /// Minor units that this import moved.
    moved: BTreeMap<Unit, u128>,
    /// Refused rows by reason, and whether that was before.
    reasons: BTreeMap<(bool, &'static str), u64>,
}

impl Tally {
    fn of(plan: &Plan, fates: &[Fate]) -> Tally {
        let mut tally = Tally::default();
        let add = |count: &mut u64| *count = count.saturating_add(1);
        for (verdict, fate) in plan.verdicts.iter().zip(fates) {
            let [done, before, refused, refused_before, unreadable, not_tried] = &mut tally.counts;
            add(match fate.status {
                Status::Done => done,
                Status::Before => before,
                Status::Refused | Status::Reused | Status::Archived => refused,
                Status::RefusedBefore => refused_before,
                Status::Unreadable => unreadable,
                Status::NotTried => not_tried,
            });
            let is_refused = !matches!(fate.status, Status::Unreadable | Status::NotTried);
            if let (true, Some(reason)) = (is_refused, &fate.reason) {
                add(tally.reasons.entry((fate.status == Status::RefusedBefore, reason.code)).or_default());
            }
            if let (Status::Done, Verdict::Ask(task)) = (fate.status, verdict)
                && let Asked::Deposit { amount, .. } | Asked::Order { amount, .. } = &task.asked
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

/// Says on standard error what every row is that was not imported. With `only`, those alone.
pub(super) fn complain(phases: &[Phase], only: impl Fn(Status) -> bool) -> Result<(), CliError> {
    let mut errors = BufWriter::new(io::stderr().lock());
    for Phase { plan, fates } in phases {
        let path = plan.sheet.path().display();
        for (at, fate) in fates.iter().enumerate().filter(|(_, fate)| fate.is_failed() && only(fate.status)) {
            let line = plan.sheet.line(at);
            let Some(reason) = fate.reason.as_deref() else { continue };
            if fate.status == Status::Unreadable {
                writeln!(errors, "{path}: line {line}, {}", reason.words)?;
                continue;
            }
            let what = match fate.status {
                Status::RefusedBefore => "refused before: ",
                Status::Refused => "refused now: ",
                _ => "",
            };
            writeln!(errors, "{path}: line {line}, {}: {what}{} ({})", name(plan, at), reason.words, reason.code)?;
        }
    }
    Ok(errors.flush()?)
}

/// What a row is called: by what it is known by, or where that is nothing, by what it says.
fn name(plan: &Plan, at: usize) -> String {
    let one = plan.sheet.kind().rows().trim_end_matches('s');
    let row = plan.sheet.row(at);
    match row.as_ref().map_or("", |row| reference(row)) {
        "" => match plan.verdicts.get(at) {
            Some(Verdict::Ask(task)) => match task.asked {
                Asked::Deposit { to, amount } => format!("{one} of {} to {to}", amount.to_decimal(task.unit.scale)),
                _ => one.to_owned(),
            },
            _ => one.to_owned(),
        },
        known => format!("{one} {known}"),
    }
}

/// Prints what was read and what became of it: a line per file, and below it the refusals by reason.
pub(super) fn print(phases: &[Phase], terms: Terms, dry_run: bool, format: Brief) -> Result<(), CliError> {
    let tallies: Vec<(&Plan, Tally)> =
        phases.iter().map(|Phase { plan, fates }| (plan, Tally::of(plan, fates))).collect();
    match format {
        Brief::Table => people(&tallies, terms, dry_run),
        Brief::Json => {
            let files: Vec<Value> = tallies.iter().map(|(plan, tally)| object(plan, tally)).collect();
            print_object(&json!({ "dry_run": dry_run, "month": terms.month, "files": files }))
        }
    }
}

fn people(tallies: &[(&Plan, Tally)], terms: Terms, dry_run: bool) -> Result<(), CliError> {
    let mut output = stdout();
    for (plan, _) in tallies {
        let sheet = &plan.sheet;
        let decimals = if terms.decimal == Decimal::Comma { "decimal comma, " } else { "" };
        let (path, found, (_, separator)) = (sheet.path().display(), sheet.found(), sheet.separator());
        writeln!(output, "{path}: {found}, separated by {separator}, {decimals}{}", rows(sheet.len()))?;
    }
    if dry_run {
        writeln!(output, "dry run: nothing was changed; what an import would do now:")?;
    }
    for (plan, tally) in tallies {
        let kind = plan.sheet.kind();
        let title = match kind {
            super::columns::Kind::Orders => format!("month {}", terms.month),
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
        // In minor units; beyond what a number of JSON can be, as text.
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
