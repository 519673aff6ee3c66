//! Every limit of a command: commands at it, which are accepted, and beyond it, which are not.

use jangbu_actors::command::{
    CashPosting, ChangeSchedule, Command, Linked, MAX_COMMAND_BYTES, MAX_PUTS, MAX_RECORD_BYTES, MAX_STEPS,
    OpenAccount, PlaceHold, Reverse, SetSchedule, Step, Sweep, Transfer, VoidHold,
};
use jangbu_actors::ledger::{
    AccountType, BusinessDate, CommandId, Currency, Details, End, HoldId, MAX_END_TO_END_ID_CHARS, MAX_LABEL_CHARS,
    MAX_METADATA_PAIRS, MAX_REFERENCE_CHARS, MAX_RETRIES, MAX_RETRY_INTERVAL_S, MIN_RETRY_INTERVAL_S, OwnerId,
    RecordPut, Retry, Rule, Schedule, ScheduleChange, TimeOfDay, Timestamp, Weekday, Weekdays,
};
use jangbu_sim::World;

use crate::notes::Notes;
use crate::texts::{self, METADATA_KEY_BYTES, METADATA_VALUE_BYTES};
use crate::workload::{amount, code, number};

/// The number of steps with every field at its limit. Together they stay far below the largest record.
const FULL_STEPS: usize = 4;

const KIND_BYTES: usize = 20;
const KEY_BYTES: usize = 200;
const MOST_DECIMALS: u8 = 8;
const MOST_PERIODS: u16 = 1_000;

/// A limit of a command: its name in the code, and commands at it and beyond it.
pub(crate) struct Bound {
    /// The constant, or the documented limit if it is not a number.
    pub(crate) name: &'static str,
    at: Option<fn(CommandId) -> Command>,
    beyond: fn(CommandId) -> Command,
    /// The variant of the error for a command beyond it.
    pub(crate) says: &'static str,
}

const fn bound(
    name: &'static str,
    at: fn(CommandId) -> Command,
    beyond: fn(CommandId) -> Command,
    says: &'static str,
) -> Bound {
    Bound { name, at: Some(at), beyond, says }
}

/// What no command may contain.
const fn never(name: &'static str, beyond: fn(CommandId) -> Command, says: &'static str) -> Bound {
    Bound { name, at: None, beyond, says }
}

pub(crate) static BOUNDS: &[Bound] = &[
    bound("MAX_LABEL_CHARS", |id| transfer(id, texts::largest()), |id| transfer(id, sender("집", 1)), "LabelTooLong"),
    never("MAX_LABEL_CHARS", |id| deposit(id, receiver(MAX_LABEL_CHARS + 1)), "LabelTooLong"),
    bound("MAX_REFERENCE_CHARS", |id| place(id, reference(0)), |id| place(id, reference(1)), "ReferenceTooLong"),
    bound("MAX_REFERENCE_CHARS", |id| void(id, 0), |id| void(id, 1), "Reason"),
    never("MAX_REFERENCE_CHARS", |id| sweep(id, reference(1)), "ReferenceTooLong"),
    never("MAX_REFERENCE_CHARS", |id| reverse(id, reference(1)), "ReferenceTooLong"),
    never("MAX_REFERENCE_CHARS", |id| step(id, reference(1)), "ReferenceTooLong"),
    never("MAX_REFERENCE_CHARS", |id| schedule(id, |it| it.details = Some(reference(1).into())), "ReferenceTooLong"),
    bound(
        "MAX_METADATA_PAIRS",
        |id| withdrawal(id, pairs(MAX_METADATA_PAIRS, 3, 3)),
        |id| withdrawal(id, pairs(MAX_METADATA_PAIRS + 1, 3, 3)),
        "MetadataTooLarge",
    ),
    bound(
        "MAX_METADATA_KEY_BYTES",
        |id| transfer(id, pairs(1, METADATA_KEY_BYTES, 0)),
        |id| transfer(id, pairs(1, METADATA_KEY_BYTES + 1, 0)),
        "MetadataTooLarge",
    ),
    bound(
        "MAX_METADATA_VALUE_BYTES",
        |id| transfer(id, pairs(1, 1, METADATA_VALUE_BYTES)),
        |id| transfer(id, pairs(1, 1, METADATA_VALUE_BYTES + 1)),
        "MetadataTooLarge",
    ),
    never("a key of metadata twice", |id| transfer(id, twice()), "MetadataTooLarge"),
    never("a control character", |id| transfer(id, sender("\n", 0)), "ControlCharacter"),
    never("a line separator", |id| place(id, sender("a\u{2028}", 0)), "LineSeparator"),
    never("a control of direction", |id| step(id, sender("\u{202e}", 0)), "DirectionControl"),
    never("nothing to be seen", |id| schedule(id, |it| it.details = Some(sender(" ", 0).into())), "Invisible"),
    never("an unreadable reason", |id| void_because(id, "\u{202e}"), "Reason"),
    bound(
        "MAX_END_TO_END_ID_CHARS",
        |id| sweep(id, end_to_end_id(MAX_END_TO_END_ID_CHARS)),
        |id| sweep(id, end_to_end_id(MAX_END_TO_END_ID_CHARS + 1)),
        "EndToEndIdTooLong",
    ),
    bound("MAX_STEPS", |id| steps(id, MAX_STEPS), |id| steps(id, MAX_STEPS + 1), "Steps"),
    never("no step", |id| steps(id, 0), "Steps"),
    bound("the same movement twice", |id| reversals(id, 1), |id| reversals(id, 2), "ReversedTwice"),
    bound("a hold of the same command", |id| own_hold(id, 2), |id| own_hold(id, 1), "OwnHold"),
    never("an id of the journal's indexes", |_| deposit(indexed(), Details::default()), "ReservedId"),
    bound("MAX_COMMAND_BYTES", |id| full_steps(id, 0), |id| full_steps(id, 1), "TooLarge"),
    bound("MAX_PUTS", |id| puts(id, MAX_PUTS), |id| puts(id, MAX_PUTS + 1), "Records"),
    never("no record", |id| puts(id, 0), "Records"),
    bound("MAX_RECORD_BYTES", |id| put(id, 1, 1, 0), |id| put(id, 1, 1, 1), "Records"),
    bound("MAX_RECORD_KIND_BYTES", |id| put(id, KIND_BYTES, 1, 0), |id| put(id, KIND_BYTES + 1, 1, 0), "Records"),
    never("MAX_RECORD_KIND_BYTES", |id| put(id, 0, 1, 0), "Records"),
    bound("MAX_RECORD_KEY_BYTES", |id| put(id, 1, KEY_BYTES, 0), |id| put(id, 1, KEY_BYTES + 1, 0), "Records"),
    bound("MAX_NAME_CHARS", |id| name(id, AccountType::MAX_NAME_CHARS), |id| name(id, 61), "TypeName"),
    never("no name", |id| name(id, 0), "TypeName"),
    never("no currency", no_currency, "TypeCurrency"),
    bound("decimals", |id| decimals(id, MOST_DECIMALS), |id| decimals(id, MOST_DECIMALS + 1), "Scale"),
    never("the bank as an owner", bank_opens, "OwnerReserved"),
    never("the bank as an owner", bank_as_owner, "OwnerReserved"),
    bound(
        "MAX_RETRIES",
        |id| retry(id, MAX_RETRIES, MAX_RETRY_INTERVAL_S),
        |id| retry(id, MAX_RETRIES + 1, MAX_RETRY_INTERVAL_S),
        "Retry",
    ),
    bound(
        "MAX_RETRY_INTERVAL_S",
        |id| retry(id, 1, MAX_RETRY_INTERVAL_S),
        |id| retry(id, 1, MAX_RETRY_INTERVAL_S + 1),
        "Retry",
    ),
    bound(
        "MIN_RETRY_INTERVAL_S",
        |id| retry(id, 1, MIN_RETRY_INTERVAL_S),
        |id| retry(id, 1, MIN_RETRY_INTERVAL_S - 1),
        "Retry",
    ),
    bound("MAX_EVERY", |id| every(id, MOST_PERIODS), |id| every(id, MOST_PERIODS + 1), "Every"),
    never("MAX_EVERY", |id| every(id, 0), "Every"),
    never("no weekday", |id| rule(id, Rule::weekly(Weekdays::default(), noon())), "NoWeekday"),
    bound(
        "the day of a month",
        |id| rule(id, Rule::monthly(31, noon())),
        |id| rule(id, Rule::monthly(32, noon())),
        "DayOfMonth",
    ),
    never("the day of a month", |id| rule(id, Rule::monthly(0, noon())), "DayOfMonth"),
    never("an account's closing, by a caller", ends_by_closing, "ScheduleChange"),
    never("no run", |id| schedule(id, |it| it.end = End::AfterRuns(0)), "NoRuns"),
    never("beyond what a bank can hold", |id| schedule(id, |it| it.start = "2300-01-01".parse().ok()), "OutOfRange"),
    never("once, with an end", |id| once(id, |it| it.end = End::AfterRuns(1)), "OnceHasNoEnd"),
    never("once, with a start", |id| once(id, |it| it.start = Some(BusinessDate::from_days(1))), "OnceHasNoEnd"),
];

/// Returns a command that is as large as possible in one way.
pub(crate) fn at_a_limit(world: &World, _: &Notes, id: CommandId) -> Command {
    let all: Vec<_> = BOUNDS.iter().filter_map(|bound| bound.at).collect();
    all[usize::try_from(world.below(all.len() as u64)).unwrap()](id)
}

/// Returns a command that is too large in one way, and that way.
pub(crate) fn beyond_a_limit(world: &World) -> (&'static Bound, Command) {
    let bound = &BOUNDS[usize::try_from(world.below(BOUNDS.len() as u64)).unwrap()];
    (bound, (bound.beyond)(CommandId::random()))
}

fn sender(text: &str, more: usize) -> Details {
    Details { sender_label: text.repeat(1 + more * MAX_LABEL_CHARS), ..Details::default() }
}

fn receiver(chars: usize) -> Details {
    Details { receiver_label: "x".repeat(chars), ..Details::default() }
}

fn reference(more: usize) -> Details {
    Details { reference: "훈".repeat(MAX_REFERENCE_CHARS + more), ..Details::default() }
}

/// An end-to-end id in addition to all the metadata that programs may have.
fn end_to_end_id(chars: usize) -> Details {
    let mut details = pairs(MAX_METADATA_PAIRS, 3, 3);
    details.set_end_to_end_id(&"번".repeat(chars));
    details
}

fn pairs(count: usize, key: usize, value: usize) -> Details {
    let pair = |n: usize| (format!("{n:0key$}"), "v".repeat(value));
    Details { metadata: (0..count).map(pair).collect(), ..Details::default() }
}

fn twice() -> Details {
    Details { metadata: vec![("key".into(), "1".into()), ("key".into(), "2".into())], ..Details::default() }
}

fn transfer(id: CommandId, details: Details) -> Command {
    let transfer = Transfer::new(number("A1"), number("A2"), amount(1)).with_id(id);
    Command::Transfer(Transfer { details: Some(details.into()), ..transfer })
}

fn cash(id: CommandId, details: Details) -> CashPosting {
    CashPosting { details: Some(details.into()), ..CashPosting::new(number("A1"), amount(2)).with_id(id) }
}

fn deposit(id: CommandId, details: Details) -> Command {
    Command::Deposit(cash(id, details))
}

fn withdrawal(id: CommandId, details: Details) -> Command {
    Command::Withdrawal(cash(id, details))
}

fn place(id: CommandId, details: Details) -> Command {
    let hold = PlaceHold::new(number("A1"), number("A2"), amount(3)).with_id(id);
    Command::PlaceHold(Box::new(PlaceHold { details: Some(details.into()), ..hold }))
}

fn void(id: CommandId, more: usize) -> Command {
    void_because(id, &"훈".repeat(MAX_REFERENCE_CHARS + more))
}

fn void_because(id: CommandId, reason: &str) -> Command {
    let void = VoidHold::new(CommandId::derived(b"nothing")).with_id(id);
    Command::VoidHold(void.because(reason))
}

fn sweep(id: CommandId, details: Details) -> Command {
    let sweep = Sweep::to_zero(number("A1"), number("A2")).with_id(id);
    Command::Sweep(Box::new(Sweep { details: Some(details.into()), ..sweep }))
}

fn reverse(id: CommandId, details: Details) -> Command {
    let reverse = Reverse::all(CommandId::derived(b"nothing")).with_id(id);
    Command::Reverse(Box::new(Reverse { details: Some(details.into()), ..reverse }))
}

fn step(id: CommandId, details: Details) -> Command {
    let transfer = Transfer::new(number("A1"), number("A2"), amount(1));
    let step = Step::from(Transfer { details: Some(details.into()), ..transfer });
    Command::Linked(Linked::new(vec![step]).with_id(id))
}

/// Returns a command that reverses each of two movements `of_each` times.
fn reversals(id: CommandId, of_each: usize) -> Command {
    let step = |step| Step::reverse(CommandId::derived(b"nothing"), step);
    Command::Linked(Linked::new([0, 1].repeat(of_each).into_iter().map(step).collect()).with_id(id))
}

/// Two holds, of which the first is settled, or a hold that the command does not place.
fn own_hold(id: CommandId, step: u8) -> Command {
    let hold = || Step::hold(number("A1"), number("A2"), amount(1));
    let settle = Step::settle(HoldId::of_step(id, step));
    Command::Linked(Linked::new(vec![hold(), hold(), settle]).with_id(id))
}

/// An id that is reserved for a hold in the journal's indexes.
fn indexed() -> CommandId {
    HoldId::of_step(CommandId::derived(b"linked"), 0).key()
}

/// Steps back and forth, some of which have all texts at their limits.
fn steps(id: CommandId, count: usize) -> Command {
    let step = |n: usize| {
        let (from, to) = if n.is_multiple_of(2) { ("A1", "A2") } else { ("A2", "A1") };
        let details = (n < FULL_STEPS).then(|| Box::new(texts::largest()));
        Step::from(Transfer { details, ..Transfer::at_most(number(from), number(to), amount(1)) })
    };
    Command::Linked(Linked::new((0..count).map(step).collect()).with_id(id))
}

/// Steps that are nearly as large as a command may be, or as the bank accepts in one and `more`.
fn full_steps(id: CommandId, more: usize) -> Command {
    let full = |value_bytes: usize| {
        let details = Some(Box::new(pairs(MAX_METADATA_PAIRS, METADATA_KEY_BYTES, value_bytes)));
        let transfer = Transfer { details, ..Transfer::at_most(number("A1"), number("A2"), amount(1)) };
        let step = |_| Step::from(transfer.clone());
        Command::Linked(Linked::new((0..MAX_STEPS).map(step).collect()).with_id(id))
    };
    // Each step has these bytes in addition to its metadata, and each pair its two lengths.
    let each = MAX_COMMAND_BYTES / MAX_STEPS - 40;
    full(each / MAX_METADATA_PAIRS - METADATA_KEY_BYTES - 2 + 8 * more)
}

fn record(kind: usize, key: String, more: usize) -> RecordPut {
    RecordPut { kind: "k".repeat(kind), key, value: Some(vec![7; MAX_RECORD_BYTES + more]), expected: None }
}

fn puts(id: CommandId, count: usize) -> Command {
    Command::PutRecords { id, puts: (0..count).map(|n| record(4, n.to_string(), 0)).collect() }
}

fn put(id: CommandId, kind: usize, key: usize, more: usize) -> Command {
    Command::PutRecords { id, puts: vec![record(kind, "k".repeat(key), more)] }
}

fn name(id: CommandId, chars: usize) -> Command {
    let account_type = AccountType::new(code("plain"), "집".repeat(chars), Currency::krw());
    Command::SetType { id, account_type: Box::new(account_type) }
}

fn no_currency(id: CommandId) -> Command {
    let account_type = AccountType { currency: None, ..AccountType::new(code("plain"), "plain", Currency::krw()) };
    Command::SetType { id, account_type: Box::new(account_type) }
}

fn decimals(id: CommandId, scale: u8) -> Command {
    Command::AddCurrency { id, currency: Currency::new("GRAINS").unwrap(), scale }
}

fn bank_opens(id: CommandId) -> Command {
    Command::OpenAccount(Box::new(OpenAccount::new(OwnerId::bank()).with_id(id)))
}

fn bank_as_owner(id: CommandId) -> Command {
    Command::SetOwner { id, owner: Box::new(OwnerId::bank()), free_transfers_per_day: 1 }
}

fn noon() -> TimeOfDay {
    TimeOfDay::new(12, 0).unwrap()
}

fn schedule(id: CommandId, change: impl FnOnce(&mut Schedule)) -> Command {
    let mut schedule = Schedule::new(number("A1"), number("A2"), amount(1), Rule::daily(noon()));
    change(&mut schedule);
    Command::SetSchedule(Box::new(SetSchedule::new(schedule).with_id(id)))
}

fn ends_by_closing(id: CommandId) -> Command {
    let schedule = CommandId::derived(b"nothing");
    Command::ChangeSchedule(ChangeSchedule { id, schedule, change: ScheduleChange::AccountClosed })
}

fn retry(id: CommandId, attempts: u8, interval_s: u32) -> Command {
    schedule(id, |schedule| schedule.retry = Retry { attempts, interval_s })
}

fn rule(id: CommandId, rule: Rule) -> Command {
    schedule(id, |schedule| schedule.rule = rule)
}

fn every(id: CommandId, every: u16) -> Command {
    let days = [Weekday::Monday].into_iter().collect();
    let rules = [
        Rule::Daily { every, at: noon() },
        Rule::Weekly { every, days, at: noon() },
        Rule::Monthly { every, day: 31, at: noon() },
    ];
    rule(id, rules[usize::try_from(id.as_u128() % 3).unwrap()])
}

fn once(id: CommandId, change: impl FnOnce(&mut Schedule)) -> Command {
    schedule(id, |schedule| {
        schedule.rule = Rule::Once(Timestamp::from_ns(i64::MAX));
        change(schedule);
    })
}
