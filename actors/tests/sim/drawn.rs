//! Checks that the usual seeds draw every field of every command, and reach every refusal and every limit.
//!
//! The expected items come from the types and from their source, so an addition is reported as missing until it is
//! drawn. What cannot be drawn is listed with the reason and with the test that covers it.

use std::collections::BTreeSet;

use crate::bounds::BOUNDS;
use crate::declared::Drawn;
use crate::notes::Notes;

/// Refusals that this simulation cannot cause.
const REFUSALS_ELSEWHERE: [(&str, &str); 1] =
    [("archived", "nothing is archived while clients work: actors/tests/backup/archive.rs")];

/// Why some errors belong to no command.
const FROM_A_TEXT: &str = "is said to a text or number before there is a command: the tests of its type";

/// Errors that no command has.
const ERRORS_ELSEWHERE: [(&str, &str); 8] = [
    ("Amount", FROM_A_TEXT),
    ("Number", FROM_A_TEXT),
    ("Owner", FROM_A_TEXT),
    ("Currency", FROM_A_TEXT),
    ("TypeCode", FROM_A_TEXT),
    ("NotPreviewed", "is said to a preview: actors/tests/holds/previews.rs"),
    ("TimeOfDay", "is said to a text: crates/ledger/src/schedule/calendar_tests.rs"),
    ("Weekday", "is said to a text: crates/ledger/src/schedule/calendar_tests.rs"),
];

/// Limits that are not limits of a single command.
const LIMITS_ELSEWHERE: [(&str, &str); 4] = [
    ("MAX_OPEN_HOLDS", "10,000 holds of an account: actors/tests/holds/many.rs"),
    ("MAX_CHARS", "is kept by the type of account numbers: its own tests"),
    ("MAX_MINOR_UNITS", "is kept by the type of amounts: its own tests; amounts of that size are drawn"),
    ("MAX_SIGNED", "is kept by the type of balances: its own tests"),
];

/// The source files of everything a command consists of.
const SOURCES: [&str; 12] = [
    include_str!("../../../crates/ledger/src/command.rs"),
    include_str!("../../../crates/ledger/src/command/holds.rs"),
    include_str!("../../../crates/ledger/src/command/linked.rs"),
    include_str!("../../../crates/ledger/src/command/size.rs"),
    include_str!("../../../crates/ledger/src/account/posting.rs"),
    include_str!("../../../crates/ledger/src/details.rs"),
    include_str!("../../../crates/ledger/src/account_type.rs"),
    include_str!("../../../crates/ledger/src/money.rs"),
    include_str!("../../../crates/ledger/src/number.rs"),
    include_str!("../../../crates/ledger/src/schedule/mod.rs"),
    include_str!("../../../crates/ledger/src/schedule/rule.rs"),
    include_str!("../../../crates/ledger/src/text/mod.rs"),
];

/// What was drawn and reached over all seeds.
#[derive(Default)]
pub(crate) struct Seen {
    commands: Drawn,
    refusals: Drawn,
    errors: BTreeSet<String>,
    limits: BTreeSet<&'static str>,
}

impl Seen {
    pub(crate) fn take_in(&mut self, notes: &Notes) {
        for command in &notes.asked {
            self.commands.note("command", command);
        }
        for refusal in notes.told.values().filter_map(|answer| answer.as_ref().err()) {
            self.refusals.note("refusal", refusal);
        }
        if notes.reused > 0 {
            self.refusals.note("refusal", &jangbu_actors::ledger::Refusal::IdReused);
        }
        for (command, said, limit) in &notes.malformed {
            self.commands.note("command", command);
            // `Details(LabelTooLong("…"))` is both; some have fields.
            self.errors.extend(format!("{said:?}").split(['(', ')', ' ']).map(str::to_owned));
            self.limits.insert(limit);
        }
    }

    pub(crate) fn check(&self) {
        let mut missing = self.commands.lacking();
        let known = |list: &[(&str, &str)], name: &str| list.iter().any(|(elsewhere, _)| *elsewhere == name);
        let refusals = self.refusals.never("refusal");
        missing.extend(
            refusals.into_iter().filter(|it| !known(&REFUSALS_ELSEWHERE, it)).map(|it| format!("refusal {it}")),
        );
        let errors =
            ["InvalidCommand", "DetailsError", "TextError", "ScheduleError", "RuleError"].map(variants).concat();
        let errors = errors.into_iter().filter(|it| !self.errors.contains(it) && !known(&ERRORS_ELSEWHERE, it));
        missing.extend(errors.map(|it| format!("error {it}")));
        let limits =
            limits().into_iter().filter(|it| !self.limits.contains(it.as_str()) && !known(&LIMITS_ELSEWHERE, it));
        missing.extend(limits.map(|it| format!("limit {it}")));
        missing
            .extend(BOUNDS.iter().filter(|it| !self.limits.contains(it.name)).map(|it| format!("beyond {}", it.name)));
        assert!(missing.is_empty(), "never drawn or met:\n{}", missing.join("\n"));
    }
}

/// The variants of an enum, from its source.
fn variants(name: &str) -> Vec<String> {
    let head = format!("pub enum {name} {{");
    let body = SOURCES.iter().find_map(|source| source.split_once(&head)).unwrap_or_else(|| panic!("no enum {name}")).1;
    let body = body.split_once("\n}").unwrap().0;
    let is_variant =
        |line: &&str| line.starts_with("    ") && line.as_bytes().get(4).is_some_and(u8::is_ascii_uppercase);
    let name = |line: &str| line.trim().split(['(', ' ', ',', '{']).next().unwrap().to_owned();
    body.lines().filter(is_variant).map(name).collect()
}

/// The constants of limits, from their source.
fn limits() -> Vec<String> {
    let name = |line: &str| {
        let (_, rest) = line.split_once("const MAX_")?;
        Some(format!("MAX_{}", rest.split_once(':')?.0))
    };
    SOURCES.iter().flat_map(|source| source.lines().filter_map(name)).collect()
}

#[test]
fn the_list_of_kinds_comes_from_the_source() {
    assert!(limits().len() > 14, "{:?}", limits());
    assert_eq!(
        variants("DetailsError"),
        ["LabelTooLong", "ReferenceTooLong", "EndToEndIdTooLong", "MetadataTooLarge", "Text"]
    );
    assert!(variants("RuleError").contains(&"TimeOfDay".to_owned()));
}

/// A field that is never drawn is reported, and so is a variant.
#[test]
fn kinds_that_are_never_drawn_are_detected() {
    use jangbu_actors::ledger::{Amount, Change, Freeze, LimitException};
    let mut drawn = Drawn::default();
    drawn.note("change", &Change::Freeze(Freeze { debits: true, credits: true }));
    drawn.note("change", &Change::Freeze(Freeze { debits: false, credits: true }));
    drawn.note("change", &Change::LimitPerDay(LimitException::At(Amount::ZERO)));
    drawn.note("change", &Change::LimitPerDay(LimitException::Inherit));
    let lacking = drawn.lacking();
    assert_eq!(
        lacking,
        [
            "change.freeze.credits was {\"true\"} alone",
            "change.limit_per_day.at was {\"0\"} alone",
            "change was never close",
            "change was never overdraft",
            "change was never limit_per_transfer",
            "change was never type",
            "change was never several",
            "change.limit_per_day was never unlimited",
        ]
    );
    assert_eq!(drawn.never("change"), ["close", "overdraft", "limit_per_transfer", "type", "several"]);
}
