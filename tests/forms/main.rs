//! The serialized form and the `Debug` output of every public type, as programs and people read them.
//!
//! A file in `golden/` has examples of a type, including every variant of an enum: `form` is its JSON, which is read
//! and written back, and `debug` its `Debug` output. A public type without a file fails a test, unless it is listed in
//! [`FORMLESS`] with a reason.
//!
//! After a change, `JANGBU_WRITE_FORMS=1 cargo test --test forms` rewrites the files; review the differences.

#![expect(clippy::unwrap_used, reason = "tests")]

mod public;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;

use jangbu::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Reads a form, writes it back, and formats it with `Debug`.
type Reader = fn(&Value) -> Result<(Value, String), serde_json::Error>;

fn read<T: DeserializeOwned + Serialize + Debug>(form: &Value) -> Result<(Value, String), serde_json::Error> {
    let value: T = serde_json::from_value(form.clone())?;
    Ok((serde_json::to_value(&value)?, format!("{value:?}")))
}

macro_rules! forms {
    ($($name:literal => $kind:ty,)*) => {
        const FORMS: &[(&str, Reader)] = &[$(($name, read::<$kind>),)*];
    };
}

// By the names that programs use.
forms! {
    "queries::AccountBalance" => queries::AccountBalance,
    "AccountNumber" => AccountNumber,
    "accounts::AccountType" => accounts::AccountType,
    "monitoring::Activation" => monitoring::Activation,
    "monitoring::Activity" => monitoring::Activity,
    "holds::AmendHold" => holds::AmendHold,
    "Amount" => Amount,
    "commands::Answered" => commands::Answered,
    "records::ApplicationRecord" => records::ApplicationRecord,
    "events::HoldPlacement" => events::HoldPlacement,
    "schedules::Attempt" => schedules::Attempt,
    "Balance" => Balance,
    "BusinessDate" => BusinessDate,
    "CashPosting" => CashPosting,
    "schedules::CatchUp" => schedules::CatchUp,
    "accounts::Change" => accounts::Change,
    "accounts::ChangeAccount" => accounts::ChangeAccount,
    "schedules::ChangeSchedule" => schedules::ChangeSchedule,
    "accounts::Changes" => accounts::Changes,
    "Command" => Command,
    "CommandId" => CommandId,
    "events::CommandKind" => events::CommandKind,
    "Currency" => Currency,
    "events::Cursor" => events::Cursor,
    "Details" => Details,
    "queries::Direction" => queries::Direction,
    "holds::DrawReceipt" => holds::DrawReceipt,
    "schedules::End" => schedules::End,
    "queries::Entry" => queries::Entry,
    "queries::EntryKind" => queries::EntryKind,
    "events::Event" => events::Event,
    "events::EventKind" => events::EventKind,
    "accounts::Freeze" => accounts::Freeze,
    "monitoring::WatchedMessage" => monitoring::WatchedMessage,
    "monitoring::WatchedMessageKind" => monitoring::WatchedMessageKind,
    "monitoring::WatchedMessageOutcome" => monitoring::WatchedMessageOutcome,
    "queries::HistoryQuery" => queries::HistoryQuery,
    "holds::HoldEnd" => holds::HoldEnd,
    "HoldId" => HoldId,
    "holds::HoldReceipt" => holds::HoldReceipt,
    "queries::HoldStatus" => queries::HoldStatus,
    "queries::HoldView" => queries::HoldView,
    "accounts::LimitException" => accounts::LimitException,
    "transfers::Linked" => transfers::Linked,
    "queries::Moment" => queries::Moment,
    "queries::Movement" => queries::Movement,
    "queries::MovementKind" => queries::MovementKind,
    "queries::MovementStatus" => queries::MovementStatus,
    "OpenAccount" => OpenAccount,
    "queries::Order" => queries::Order,
    "Outcome" => Outcome,
    "OwnerId" => OwnerId,
    "queries::Page" => queries::Page<AccountNumber, Position>,
    "queries::Part" => queries::Part,
    "schedules::Pending" => schedules::Pending,
    "holds::PlaceHold" => holds::PlaceHold,
    "Position" => Position,
    "transfers::PostingKind" => transfers::PostingKind,
    "schedules::Progress" => schedules::Progress,
    "Receipt" => Receipt,
    "events::RecordWrite" => events::RecordWrite,
    "records::RecordPut" => records::RecordPut,
    "Refusal" => Refusal,
    "transfers::RepairReversals" => transfers::RepairReversals,
    "schedules::Retry" => schedules::Retry,
    "transfers::Reverse" => transfers::Reverse,
    "accounts::Role" => accounts::Role,
    "schedules::Rule" => schedules::Rule,
    "schedules::RunOutcome" => schedules::RunOutcome,
    "schedules::Schedule" => schedules::Schedule,
    "schedules::ScheduleChange" => schedules::ScheduleChange,
    "schedules::ScheduleStatus" => schedules::ScheduleStatus,
    "schedules::ScheduledAmount" => schedules::ScheduledAmount,
    "schedules::ScheduledRun" => schedules::ScheduledRun,
    "schedules::SetSchedule" => schedules::SetSchedule,
    "holds::SettleHold" => holds::SettleHold,
    "queries::Snapshot" => queries::Snapshot,
    "queries::SnapshotHold" => queries::SnapshotHold,
    "schedules::StandingOrder" => schedules::StandingOrder,
    "monitoring::Stats" => monitoring::Stats,
    "queries::Status" => queries::Status,
    "transfers::Step" => transfers::Step,
    "transfers::Sweep" => transfers::Sweep,
    "schedules::TimeOfDay" => schedules::TimeOfDay,
    "Timestamp" => Timestamp,
    "Transfer" => Transfer,
    "queries::TransferQuery" => queries::TransferQuery,
    "queries::TrialBalance" => queries::TrialBalance,
    "accounts::TypeCode" => accounts::TypeCode,
    "queries::View" => queries::View,
    "queries::Viewer" => queries::Viewer,
    "holds::VoidHold" => holds::VoidHold,
    "monitoring::Waits" => monitoring::Waits,
    "schedules::Weekday" => schedules::Weekday,
    "schedules::Weekdays" => schedules::Weekdays,
    "time::When" => time::When,
    "archive::ArchiveReport" => archive::ArchiveReport,
    "archive::Which" => archive::Which,
    "backup::BackupReport" => backup::BackupReport,
    "backup::RestoreReport" => backup::RestoreReport,
    "check::CurrencyTotal" => check::CurrencyTotal,
    "check::Options" => check::Options,
    "check::Report" => check::Report,
    "clock::ClockStanding" => clock::ClockStanding,
    "clock::ClockState" => clock::ClockState,
    "preview::Headroom" => preview::Headroom,
    "preview::Objection" => preview::Objection,
    "preview::Preview" => preview::Preview,
    "preview::Quote" => preview::Quote,
    "recover::Loss" => recover::Loss,
    "recover::RecoverReport" => recover::RecoverReport,
    "verification::Pending" => verification::Pending,
    "verification::Queued" => verification::Queued,
    "verification::Verdict" => verification::Verdict,
    "verification::VerificationStage" => verification::VerificationStage,
}

/// Why a type has no form.
const ERROR: &str = "an error, which is read by its text";
const HANDLE: &str = "a handle on what runs";
const PART: &str = "given to a builder or a call, and no data";
const SECRET: &str = "has the application's files, which may be secret";

/// Public types without a serde form.
const FORMLESS: [(&str, &str); 40] = [
    ("money::AmountError", ERROR),
    ("Bank", HANDLE),
    ("BankError", ERROR),
    ("Builder", HANDLE),
    ("time::BusinessDateError", ERROR),
    ("money::CurrencyError", ERROR),
    ("events::CursorError", ERROR),
    ("transfers::DetailsError", ERROR),
    ("Error", ERROR),
    ("events::EventError", ERROR),
    ("events::Events", HANDLE),
    ("holds::HoldIdError", ERROR),
    ("commands::InvalidCommand", ERROR),
    ("JournalError", ERROR),
    ("accounts::NumberError", ERROR),
    ("OpenError", ERROR),
    ("accounts::OwnerIdError", ERROR),
    ("schedules::Pace", PART),
    ("schedules::RuleError", ERROR),
    ("schedules::ScheduleError", ERROR),
    ("events::Subscription", HANDLE),
    ("time::TimeZoneError", ERROR),
    ("time::TimestampError", ERROR),
    ("accounts::TypeCodeError", ERROR),
    ("time::WhenError", ERROR),
    ("backup::BackupError", ERROR),
    ("backup::BackupOptions", PART),
    ("backup::Beside", PART),
    ("backup::BesideFile", SECRET),
    ("backup::Complete", PART),
    ("backup::Contained", SECRET),
    ("blocking::Bank", HANDLE),
    ("check::CheckError", ERROR),
    ("clock::SteppedClock", PART),
    ("clock::SystemClock", PART),
    ("recover::RecoverError", ERROR),
    ("verification::NoVerification", PART),
    ("verification::RandomDelay", PART),
    ("text::SpellingError", ERROR),
    ("text::TextError", ERROR),
];

fn golden(name: &str) -> PathBuf {
    let file = format!("{}.json", name.replace("::", "."));
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/forms/golden").join(file)
}

fn examples(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(golden(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_public_type_has_a_form_or_a_reason_for_none() {
    let public = public::types();
    let known: BTreeSet<&str> = FORMS.iter().map(|(name, _)| *name).chain(FORMLESS.map(|(name, _)| name)).collect();
    assert_eq!(known.len(), FORMS.len() + FORMLESS.len(), "a type is listed once");
    let public: BTreeSet<&str> = public.iter().map(String::as_str).collect();
    let missing: Vec<_> = public.difference(&known).collect();
    assert_eq!(missing, [] as [&&str; 0], "public types without a form");
    let gone: Vec<_> = known.difference(&public).collect();
    assert_eq!(gone, [] as [&&str; 0], "no public types");
    assert!(public.len() > 120, "{}", public.len());
    let files = fs::read_dir(golden("Amount").parent().unwrap()).unwrap().count();
    assert_eq!(files, FORMS.len(), "files of no type");
}

#[test]
fn every_form_round_trips() {
    let writes = std::env::var_os("JANGBU_WRITE_FORMS").is_some();
    let mut wrong = Vec::new();
    for (name, reader) in FORMS {
        let examples = examples(name);
        let mut now = Vec::new();
        for example in &examples {
            match reader(&example["form"]) {
                Ok((written, debug)) => now.push(json!({ "form": written, "debug": debug })),
                Err(error) => wrong.push(format!("{name}: {error}: {}", example["form"])),
            }
        }
        if writes && now.len() == examples.len() {
            fs::write(golden(name), serde_json::to_string_pretty(&now).unwrap() + "\n").unwrap();
        } else {
            let differ = examples.iter().zip(&now).filter(|(before, now)| before != now);
            wrong.extend(differ.map(|(before, now)| format!("{name}: {before} is now {now}")));
        }
        if examples.is_empty() {
            wrong.push(format!("{name} has no example"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_variant_has_an_example() {
    for (name, reader) in FORMS {
        let examples = examples(name);
        let shown = examples.iter().map(|example| reader(&example["form"]).unwrap().1);
        let seen: BTreeSet<String> = shown.map(|debug| public::leading_name(&debug)).collect();
        let enums = public::variants(name);
        assert!(enums.is_empty() || enums.contains(&seen), "{name}: {seen:?} of {enums:?}");
    }
}

/// `Debug` output in logs has no raw bytes, no encoded numbers, and nothing that may be secret.
#[test]
fn debug_output_is_readable() {
    for (name, reader) in FORMS {
        for example in examples(name) {
            let debug = reader(&example["form"]).unwrap().1;
            let listed = |numbers: &str| numbers.split(", ").filter(|number| number.parse::<u8>().is_ok()).count();
            let bytes = debug.split('[').skip(1).any(|rest| listed(rest.split(']').next().unwrap()) > 2);
            assert!(!bytes, "{name} shows bytes: {debug}");
            assert!(!debug.contains("hello") && !debug.contains("aGVsbG8"), "{name} shows a value: {debug}");
        }
    }
    let shown = |name: &str, form: Value| {
        let (_, reader) = FORMS.iter().find(|(known, _)| *known == name).unwrap();
        reader(&form).unwrap().1
    };
    for (name, form, expected) in [
        ("CommandId", json!("01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c"), "CommandId(01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c)"),
        ("HoldId", json!("01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c.3"), "HoldId(01936d0e-7a5c-7c3e-9b1a-2f4d6e8a0b1c.3)"),
        ("AccountNumber", json!("110-1001"), "AccountNumber(110-1001)"),
        ("OwnerId", json!("mina"), "OwnerId(\"mina\")"),
        ("Amount", json!(12_345), "Amount(12345)"),
        ("Balance", json!(-5), "Balance(-5)"),
        ("Timestamp", json!("2026-11-22T00:00:00Z"), "Timestamp(2026-11-22T00:00:00Z)"),
        ("BusinessDate", json!("2026-11-22"), "BusinessDate(2026-11-22)"),
        ("schedules::TimeOfDay", json!("09:30"), "TimeOfDay(09:30)"),
        ("schedules::Weekdays", json!("mon,thu"), "Weekdays(mon,thu)"),
    ] {
        assert_eq!(shown(name, form), expected);
    }
    let file = backup::BesideFile { name: "keys".into(), bytes: b"hello".to_vec() };
    assert_eq!(format!("{file:?}"), "BesideFile { name: \"keys\", bytes: 5 }");
}
