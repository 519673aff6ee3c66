//! Commands at every limit: whatever is accepted becomes a record that can be written and read back, whether it is
//! carried out or refused.

use proptest::prelude::*;

use super::*;
use crate::codec::{MAX_RECORD_BYTES, encoded_bytes};
use crate::command::{
    AmendHold, CashPosting, ChangeAccount, ChangeSchedule, Linked, MAX_PUTS, MAX_RECORD_BYTES as MAX_PUT_BYTES,
    MAX_STEPS, OpenAccount, PlaceHold, RepairReversals, Reverse, SetSchedule, SettleHold, Step, Sweep, Transfer,
    VoidHold,
};
use crate::{
    AccountId, AccountNumber, AccountType, Amount, Balance, Body, BusinessDate, Change, CommandId, ContentHash,
    Currency, Details, Drawn, End, HoldDrawn, HoldEnd, HoldId, HoldPlaced, Link, LinkedMovement, LinkedStep,
    MAX_RETRIES, MAX_RETRY_INTERVAL_S, OwnerId, Pending, Position, Posted, PostingKind, Progress, Record, RecordPut,
    Refusal, Refused, Retry, Reversed, Rule, Schedule, ScheduleChange, ScheduleSet, ScheduleStatus, TimeOfDay,
    Timestamp, TypeCode,
};
use crate::{decode_record, encode_record};

const MOST: i64 = (1 << 53) - 1;
const LATEST: Timestamp = Timestamp::from_ns(i64::MAX);

fn number() -> AccountNumber {
    AccountNumber::new("ABCDEFGHIJ0123456789").unwrap()
}

fn id() -> CommandId {
    CommandId::derived(b"id")
}

/// Texts with the maximum number of characters, of one byte each in the reference, except for the values of the
/// metadata.
fn details(value_bytes: usize) -> Option<Box<Details>> {
    let pair = |n: usize| (format!("{n:040}"), "v".repeat(value_bytes));
    Some(Box::new(Details {
        sender_label: "\u{1d11e}".repeat(10),
        receiver_label: "\u{1d11e}".repeat(10),
        reference: "r".repeat(140),
        metadata: (0..8).map(pair).collect(),
    }))
}

/// Texts with the maximum number of bytes.
fn largest_details() -> Option<Box<Details>> {
    let mut details = details(200)?;
    details.reference = "\u{1d11e}".repeat(140);
    details.set_end_to_end_id(&"\u{1d11e}".repeat(35));
    Some(details)
}

fn step(value_bytes: usize) -> Step {
    Step::from(Transfer {
        at_most: true,
        most_fee: Some(Amount::MAX),
        details: details(value_bytes),
        ..Transfer::new(number(), number(), Amount::MAX)
    })
}

fn linked(steps: usize, value_bytes: usize) -> Command {
    Command::Linked(Linked { id: id(), steps: vec![step(value_bytes); steps] })
}

fn puts(count: usize, bytes: usize) -> Command {
    let put = |n: usize| RecordPut {
        kind: "k".repeat(20),
        key: format!("{n:0200}"),
        value: Some(vec![255; bytes]),
        expected: Some(Position::new(u64::MAX)),
    };
    Command::PutRecords { id: id(), puts: (0..count).map(put).collect() }
}

fn schedule() -> Schedule {
    let mut schedule = Schedule::new(number(), number(), Amount::MAX, Rule::daily(TimeOfDay::new(23, 59).unwrap()));
    schedule.details = largest_details();
    schedule.end = End::AfterRuns(u32::MAX);
    schedule.retry = Retry { attempts: MAX_RETRIES, interval_s: MAX_RETRY_INTERVAL_S };
    schedule
}

/// The largest command of every kind except linked steps, which have their own limit.
fn largest() -> Vec<Command> {
    let (id, account, amount, details) = (id(), number(), Amount::MAX, largest_details());
    let cash = CashPosting { id, account, amount, details: details.clone() };
    let owner = OwnerId::new(&"o".repeat(36)).unwrap();
    let currency = Currency::new("CURRENCY").unwrap();
    let code = TypeCode::new("typecode10").unwrap();
    let (expires_at, hold) = (Some(LATEST), HoldId::of_step(CommandId::derived(b"held"), 63));
    vec![
        Command::Transfer(Transfer {
            id,
            from: account,
            to: account,
            amount,
            at_most: true,
            most_fee: Some(amount),
            details: details.clone(),
        }),
        Command::Deposit(cash.clone()),
        Command::Withdrawal(cash),
        Command::OpenAccount(Box::new(OpenAccount {
            id,
            number: Some(account),
            owner,
            kind: Some(code),
            currency: Some(currency),
            overdraft: amount,
        })),
        Command::ChangeAccount(Box::new(ChangeAccount { id, account, change: Change::Overdraft(amount) })),
        Command::SetType {
            id,
            account_type: Box::new(AccountType {
                fee: amount,
                limit_per_transfer: Some(amount),
                limit_per_day: Some(amount),
                ..AccountType::new(code, "\u{1d11e}".repeat(60), currency)
            }),
        },
        Command::SetOwner { id, owner: Box::new(owner), free_transfers_per_day: u32::MAX },
        Command::AddCurrency { id, currency, scale: 8 },
        puts(MAX_PUTS, MAX_PUT_BYTES),
        Command::PlaceHold(Box::new(PlaceHold {
            id,
            from: account,
            to: account,
            amount,
            expires_at,
            verify: true,
            most_fee: Some(amount),
            details: details.clone(),
        })),
        Command::SettleHold(SettleHold { id, hold, amount: Some(amount), last: true }),
        Command::VoidHold(VoidHold { id, hold, rejected: true, reason: Some("\u{1d11e}".repeat(140).into()) }),
        Command::AmendHold(Box::new(AmendHold { id, hold, raise_to: Some(amount), expires_at })),
        Command::ExpireHold { id, hold },
        Command::Reverse(Box::new(Reverse {
            id,
            original: id,
            step: 255,
            amount: Some(amount),
            details: details.clone(),
        })),
        Command::Sweep(Box::new(Sweep { id, account, against: account, target: Balance::ZERO, details })),
        Command::RepairReversals(RepairReversals { id, original: id, step: 255 }),
        Command::SetSchedule(Box::new(SetSchedule { id, schedule: schedule() })),
        Command::ChangeSchedule(ChangeSchedule { id, schedule: id, change: ScheduleChange::Cancel }),
    ]
}

fn reversed(details: &Option<Box<Details>>) -> Reversed {
    Reversed {
        posted: posted(details),
        original: CommandId::derived(b"original"),
        step: u8::MAX,
        original_position: Position::new(u64::MAX),
        reversed: Amount::MAX,
        previous: Position::new(u64::MAX),
    }
}

fn posted(details: &Option<Box<Details>>) -> Posted {
    let account = AccountId::new(u64::MAX);
    Posted {
        kind: PostingKind::Reversal,
        from: account,
        to: account,
        amount: Amount::MAX,
        fee: Amount::MAX,
        fees: account,
        limited: true,
        counted: true,
        details: details.clone(),
    }
}

fn drawn(reason: Option<Box<str>>) -> HoldDrawn {
    let (account, most) = (AccountId::new(u64::MAX), Amount::MAX);
    let drawn = Drawn {
        amount: most,
        fee: most,
        released: most,
        fee_released: most,
        date: BusinessDate::from_days(i32::MAX),
        limit_back: most,
        uncounted: true,
        captured: most,
        remaining: most,
        end: Some(HoldEnd::Expired),
    };
    let placed = Position::new(u64::MAX);
    HoldDrawn { hold: HoldId::of_step(id(), 63), placed, from: account, to: account, fees: account, drawn, reason }
}

fn held(expires_at: Option<Timestamp>, details: &Option<Box<Details>>) -> HoldPlaced {
    let Posted { from, to, amount, fee, fees, details, .. } = posted(details);
    HoldPlaced {
        from,
        to,
        amount,
        fee,
        fees,
        limited: true,
        counted: true,
        expires_at,
        requires_verification: true,
        details,
    }
}

/// Returns the record of the command if it is carried out, with figures as large as possible; `None` if that is smaller
/// than the command in any case.
fn carried_out(command: &Command) -> Option<Body> {
    Some(match command {
        Command::Transfer(Transfer { details, .. })
        | Command::Deposit(CashPosting { details, .. })
        | Command::Withdrawal(CashPosting { details, .. }) => Body::Posted(posted(details)),
        Command::Reverse(reverse) => Body::Reversed(Box::new(reversed(&reverse.details))),
        Command::Sweep(sweep) => Body::Posted(posted(&sweep.details)),
        Command::SetType { account_type, .. } => Body::TypeSet(account_type.clone()),
        Command::PutRecords { puts, .. } => Body::RecordsPut(puts.clone()),
        Command::PlaceHold(place) => Body::Held(Box::new(held(place.expires_at, &place.details))),
        Command::SettleHold(_) | Command::ExpireHold { .. } => Body::Drawn(Box::new(drawn(None))),
        Command::VoidHold(void) => Body::Drawn(Box::new(drawn(void.reason.clone()))),
        Command::Linked(linked) => Body::Linked(
            linked
                .steps
                .iter()
                .map(|step| LinkedStep {
                    date: BusinessDate::from_days(i32::MAX),
                    movement: match step {
                        Step::Transfer { details, .. } => LinkedMovement::Posted(posted(details)),
                        Step::Settle { .. } | Step::Void { .. } => LinkedMovement::Drawn(drawn(None)),
                        Step::Reverse { details, .. } => LinkedMovement::Reversed(Box::new(reversed(details))),
                        Step::Hold { expires_at, details, .. } => {
                            LinkedMovement::Held(Box::new(held(*expires_at, details)))
                        }
                    },
                })
                .collect(),
        ),
        Command::SetSchedule(set) => Body::ScheduleSet(Box::new(ScheduleSet {
            schedule: set.schedule.clone(),
            progress: Progress {
                status: ScheduleStatus::AccountClosed,
                pending: Some(Pending {
                    occurrence: LATEST,
                    attempt: u32::MAX,
                    at: LATEST,
                    retries: 100,
                    renamed: u8::MAX,
                }),
                posted: u32::MAX,
                failed: u32::MAX,
                skipped: u32::MAX,
            },
        })),
        Command::OpenAccount(_)
        | Command::ChangeAccount(_)
        | Command::SetOwner { .. }
        | Command::AddCurrency { .. }
        | Command::AmendHold(_)
        | Command::RepairReversals(_)
        | Command::ChangeSchedule(_) => return None,
    })
}

fn record(position: u64, body: Body) -> Record {
    let mut links = crate::Links::new();
    let link = Link { previous: Position::new(u64::MAX), balance: Balance::new(MOST).unwrap() };
    body.for_each_leg(BusinessDate::default(), |_, _| links.push(link));
    Record {
        position: Position::new(position),
        recorded_at: Timestamp::from_ns(i64::try_from(position).unwrap()),
        decided_at: Timestamp::from_ns(i64::try_from(position).unwrap()),
        date: BusinessDate::from_days(i32::MAX),
        id: id(),
        content: ContentHash::of(b"content"),
        body,
        links,
    }
}

/// Returns the records that the command can produce.
fn records_of(command: &Command) -> Vec<Record> {
    let most = Amount::MAX;
    let refusal = Refusal::LimitPerDay { limit: most, used: most, requested: most };
    let refusal = Refusal::Linked { step: 63, refusal: Box::new(refusal) };
    let refused = Body::Refused(Box::new(Refused { command: command.clone(), refusal }));
    std::iter::once(refused).chain(carried_out(command)).zip(1..).map(|(body, at)| record(at, body)).collect()
}

/// Checks that an accepted command can be recorded, whatever its outcome, in a journal that reads it back.
fn check_records(command: &Command) {
    assert_eq!(command.check(), Ok(()));
    for record in records_of(command) {
        let mut bytes = Vec::new();
        encode_record(&record, &mut bytes).unwrap();
        assert!(bytes.len() <= MAX_COMMAND_BYTES + MOST_ADDED_BYTES, "{} bytes", bytes.len());
        assert!(bytes.len() * 4 <= MAX_RECORD_BYTES * 3, "{} bytes", bytes.len());
        assert_eq!(decode_record(record.position, &bytes).unwrap(), record);
    }
}

#[test]
fn the_largest_command_of_every_kind_can_be_recorded() {
    let all = largest();
    let mut kinds: Vec<_> = all.iter().map(std::mem::discriminant).collect();
    kinds.push(std::mem::discriminant(&linked(1, 0)));
    kinds.sort_by_key(|kind| format!("{kind:?}"));
    kinds.dedup();
    assert_eq!(kinds.len(), 20, "every kind is here");
    for command in &all {
        check_records(command);
        let measured = !has_small_bounds(command);
        assert!(measured || encoded_bytes(command) <= 4_096, "{} bytes: {command:?}", encoded_bytes(command));
    }
    check_records(&linked(MAX_STEPS, 60));
    check_records(&Command::Linked(Linked {
        id: id(),
        steps: vec![Step::void(HoldId::of_step(CommandId::derived(b"held"), 63)); MAX_STEPS],
    }));
    let mut hold = Step::hold(number(), number(), Amount::MAX).with_expiry(LATEST).with_most_fee(Amount::MAX);
    if let Step::Hold { details: of_hold, .. } = &mut hold {
        *of_hold = details(60);
    }
    check_records(&Command::Linked(Linked { id: id(), steps: vec![hold; MAX_STEPS] }));
    let back = |step| Step::from(Reverse { step, details: details(60), ..Reverse::all(id()) });
    check_records(&Command::Linked(Linked {
        id: id(),
        steps: (0..u8::try_from(MAX_STEPS).unwrap()).map(back).collect(),
    }));
}

#[test]
fn linked_steps_are_accepted_up_to_the_bound_and_not_a_byte_beyond() {
    let with_last = |value_bytes: usize, last: usize| {
        let mut steps = vec![step(value_bytes); MAX_STEPS];
        if let Some(Step::Transfer { details, .. }) = steps.last_mut() {
            details.as_mut().unwrap().metadata[0].1 = "v".repeat(last);
        }
        Command::Linked(Linked { id: id(), steps })
    };
    let fitting = (0..=200).rev().find(|value_bytes| with_last(*value_bytes, 0).check().is_ok()).unwrap();
    let at_edge = (0..=200).rev().map(|last| with_last(fitting, last)).find(|it| it.check().is_ok()).unwrap();
    assert!((MAX_COMMAND_BYTES - 600..=MAX_COMMAND_BYTES).contains(&encoded_bytes(&at_edge)));
    check_records(&at_edge);
    let beyond = linked(MAX_STEPS, 200);
    assert_eq!(beyond.check(), Err(InvalidCommand::TooLarge(encoded_bytes(&beyond))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn accepted_commands_can_be_recorded(
        command in prop_oneof![
            (1..=MAX_STEPS, 0..=200usize).prop_map(|(steps, bytes)| linked(steps, bytes)),
            (40..=MAX_STEPS, 60..=130usize).prop_map(|(steps, bytes)| linked(steps, bytes)),
            (1..=MAX_PUTS, 0..=MAX_PUT_BYTES).prop_map(|(count, bytes)| puts(count, bytes)),
        ]
    ) {
        let bytes = encoded_bytes(&command);
        prop_assert_eq!(command.check().is_ok(), bytes <= MAX_COMMAND_BYTES);
        if command.check().is_ok() {
            check_records(&command);
        }
    }
}
