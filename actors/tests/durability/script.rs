//! An endless script of commands. Each command follows from the seed and its number.

use jangbu_actors::command::{
    AmendHold, CashPosting, ChangeAccount, ChangeSchedule, Command, Linked, OpenAccount, Outcome, PlaceHold, Reverse,
    SetSchedule, SettleHold, Step, Sweep, Transfer, VoidHold,
};
use jangbu_actors::ledger::{
    AccountNumber, AccountType, Amount, BusinessDate, CatchUp, Change, CommandId, Currency, Freeze, HoldId,
    LimitException, OwnerId, RecordPut, Refusal, Retry, Rule, Schedule, ScheduleChange, TimeOfDay, Timestamp, TypeCode,
};

/// The bank's answer to a command.
pub(crate) type Answer = Result<Outcome, Refusal>;

/// The accounts that the first commands open.
const ACCOUNTS: u64 = 12;
/// The number of commands at the beginning that are best submitted in order, because the others depend on them.
pub(crate) const SETUP: u64 = 2 + 2 * ACCOUNTS;

/// One in this many commands places a hold.
const HOLD_EVERY: u64 = 6;
/// One in this many of those links two holds and a transfer between them.
const LINKED_HOLDS_EVERY: u64 = 4;
/// The last of every this many commands creates a schedule, unless it places a hold.
const SCHEDULE_EVERY: u64 = 10;
/// The moment of command 0, and the time from command to command.
const BEGINNING_NS: i64 = 1_790_000_000_000_000_000;
pub(crate) const STEP_NS: i64 = 3_000_000;

/// Numbers that follow from a seed (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }
}

/// Returns whether the long tests are requested.
pub(crate) fn is_long() -> bool {
    std::env::var_os("JANGBU_LONG").is_some_and(|value| value != "0")
}

pub(crate) fn amount(minor_units: u64) -> Amount {
    Amount::new(minor_units).unwrap()
}

/// The id of command `n`.
pub(crate) fn id(seed: u64, n: u64) -> CommandId {
    CommandId::derived(format!("script {seed} {n}").as_bytes())
}

fn number(n: u64) -> AccountNumber {
    AccountNumber::new(&format!("A{n}")).unwrap()
}

fn owner(n: u64) -> OwnerId {
    OwnerId::new(&format!("owner{}", n % 5)).unwrap()
}

/// Command `n` of the script.
pub(crate) fn command(seed: u64, n: u64) -> Command {
    let id = id(seed, n);
    match n {
        0 => Command::SetType { id, account_type: Box::new(dear()) },
        1 => Command::SetOwner { id, owner: Box::new(owner(0)), free_transfers_per_day: 20 },
        2.. if n < 2 + ACCOUNTS => open(id, n - 2),
        2.. if n < SETUP => Command::Deposit(CashPosting::new(number(n - 2 - ACCOUNTS), amount(20_000)).with_id(id)),
        _ => any(seed, id, n, Dice(seed ^ n.rotate_left(32))),
    }
}

/// Returns a hold that an earlier command placed, or tried to place.
fn earlier(seed: u64, n: u64, dice: &mut Dice) -> HoldId {
    let n = n.saturating_sub(dice.below(60)) / HOLD_EVERY * HOLD_EVERY;
    match links_holds(n) {
        true => HoldId::of_step(id(seed, n), if dice.below(2) == 0 { 0 } else { 2 }),
        false => id(seed, n).into(),
    }
}

/// Returns whether command `n`, which places a hold, does so in linked steps.
fn links_holds(n: u64) -> bool {
    n / HOLD_EVERY % LINKED_HOLDS_EVERY == LINKED_HOLDS_EVERY - 1
}

/// Returns a command about an earlier hold, or a reversal of an earlier movement.
fn hold_command(
    seed: u64,
    id: CommandId,
    n: u64,
    (from, to, sum): (AccountNumber, AccountNumber, Amount),
    dice: &mut Dice,
) -> Command {
    let hold = earlier(seed, n, dice);
    match dice.below(12) {
        0..4 => Command::SettleHold(SettleHold::part(hold, amount(1 + dice.below(100))).keeping_rest().with_id(id)),
        4..6 => Command::SettleHold(SettleHold::all(hold).with_id(id)),
        6 => Command::SettleHold(SettleHold::part(hold, amount(1 + dice.below(50))).with_id(id)),
        7 => {
            let void = VoidHold { rejected: dice.below(2) == 0, ..VoidHold::new(hold).with_id(id) };
            Command::VoidHold(void.because("no rooms left"))
        }
        8 => {
            let (raise_to, expires_at) = (Some(sum), (dice.below(2) == 0).then(|| moment(n + 20 + dice.below(60))));
            Command::AmendHold(Box::new(AmendHold { id, hold, raise_to, expires_at }))
        }
        9 => Command::Transfer(Transfer::at_most(from, to, sum).with_id(id)),
        _ => {
            let original = self::id(seed, n.saturating_sub(1 + dice.below(25)));
            let sum = (dice.below(2) == 0).then_some(sum);
            Command::Reverse(Box::new(Reverse { amount: sum, ..Reverse::all(original).with_id(id) }))
        }
    }
}

/// Returns a moment at about the time of command `n`, by a clock that advances by [`STEP_NS`] per command.
pub(crate) fn moment(n: u64) -> Timestamp {
    Timestamp::from_ns(BEGINNING_NS + i64::try_from(n).unwrap() * STEP_NS)
}

/// A type with a fee and limits.
fn dear() -> AccountType {
    let mut account_type = AccountType::new(TypeCode::new("dear").unwrap(), "dear", Currency::krw());
    account_type.fee = amount(7);
    account_type.limit_per_transfer = Some(amount(800));
    account_type
}

fn open(id: CommandId, n: u64) -> Command {
    let mut open = OpenAccount::new(owner(n)).with_id(id).with_number(number(n));
    if !n.is_multiple_of(3) {
        open = open.with_type(TypeCode::new("dear").unwrap()).with_overdraft(amount(n % 3 * 100));
    }
    Command::OpenAccount(Box::new(open))
}

fn any(seed: u64, id: CommandId, n: u64, mut dice: Dice) -> Command {
    if n.is_multiple_of(HOLD_EVERY) {
        let place =
            PlaceHold::new(number(dice.below(ACCOUNTS)), number(dice.below(ACCOUNTS)), amount(1 + dice.below(300)));
        let place = place.with_id(id).with_labels("hotel", "guest");
        let expires_at = (dice.below(2) == 0).then(|| moment(n + 4 + dice.below(60)));
        let verify = dice.below(3) == 0;
        if links_holds(n) {
            let PlaceHold { from, to, amount, .. } = place;
            let hold = |from, to| {
                let hold = Step::hold(from, to, amount).with_labels("hotel", "guest");
                expires_at.map_or(hold.clone(), |at| hold.with_expiry(at))
            };
            let steps = vec![hold(from, to), Step::transfer(from, to, self::amount(1)), hold(to, from)];
            return Command::Linked(Linked::new(steps).with_id(id));
        }
        return Command::PlaceHold(Box::new(PlaceHold { expires_at, verify, ..place }));
    }
    if n % SCHEDULE_EVERY == SCHEDULE_EVERY - 1 {
        return Command::SetSchedule(Box::new(SetSchedule::new(schedule(n, &mut dice)).with_id(id)));
    }
    let kind = dice.below(100);
    // Mostly the first accounts; occasionally one that a recent command may have opened.
    let mut account = || match dice.below(4) {
        0 => number(n.saturating_sub(dice.below(40))),
        _ => number(dice.below(ACCOUNTS)),
    };
    let (from, to) = (account(), account());
    let sum = amount(1 + dice.below(900));
    match kind {
        0..18 => hold_command(seed, id, n, (from, to, sum), &mut dice),
        18..26 => {
            let step =
                |from, to, at_most| Step::Transfer { from, to, amount: sum, at_most, most_fee: None, details: None };
            let settle = Step::Settle { hold: earlier(seed, n, &mut dice), amount: None, last: dice.below(2) == 0 };
            let void = Step::Void { hold: earlier(seed, n, &mut dice) };
            let mut steps = vec![step(from, to, false), step(to, number(dice.below(ACCOUNTS)), true), settle, void];
            steps.rotate_left(dice.below(4) as usize);
            steps.truncate(1 + dice.below(3) as usize);
            Command::Linked(Linked::new(steps).with_id(id))
        }
        26..28 => Command::Sweep(Box::new(Sweep::to_zero(from, to).with_id(id))),
        28..60 => {
            let transfer = Transfer::new(from, to, sum).with_id(id);
            Command::Transfer(if kind.is_multiple_of(4) { transfer.with_reference("for the rent") } else { transfer })
        }
        60..70 => Command::Deposit(CashPosting::new(from, sum).with_id(id).with_label("cash in")),
        70..75 => Command::Withdrawal(CashPosting::new(from, sum).with_id(id)),
        75..85 => open(id, n),
        85..87 => {
            let earlier = n.saturating_sub(dice.below(40)) / SCHEDULE_EVERY * SCHEDULE_EVERY + SCHEDULE_EVERY - 1;
            let change = match dice.below(5) {
                0 | 1 => ScheduleChange::Pause,
                2 | 3 => ScheduleChange::Resume,
                _ => ScheduleChange::Cancel,
            };
            Command::ChangeSchedule(ChangeSchedule { id, schedule: self::id(seed, earlier), change })
        }
        87..92 => Command::ChangeAccount(Box::new(ChangeAccount { id, account: from, change: change(&mut dice) })),
        _ => {
            let puts = (0..1 + dice.below(3)).map(|place| RecordPut {
                kind: "note".into(),
                key: format!("{}-{place}", dice.below(15)),
                value: (dice.below(4) != 0).then(|| vec![place.to_le_bytes()[0]; dice.below(200) as usize]),
                expected: None,
            });
            Command::PutRecords { id, puts: puts.collect() }
        }
    }
}

/// Mostly a transfer that is made while the script runs; otherwise one that never comes due.
fn schedule(n: u64, dice: &mut Dice) -> Schedule {
    let (from, to, sum) = (number(dice.below(ACCOUNTS)), number(dice.below(ACCOUNTS)), amount(1 + dice.below(900)));
    if dice.below(4) == 0 {
        let in_2100 = BusinessDate::from_days(47_482);
        return Schedule::new(from, to, sum, Rule::monthly(31, TimeOfDay::new(9, 0).unwrap())).with_start(in_2100);
    }
    let schedule = Schedule::new(from, to, sum, Rule::Once(moment(n + 4 + dice.below(60))));
    let schedule = if dice.below(3) == 0 { schedule.up_to() } else { schedule };
    let catch_up = if dice.below(2) == 0 { CatchUp::All } else { CatchUp::Skip };
    schedule.with_catch_up(catch_up).with_retry(Retry { attempts: dice.below(3) as u8, interval_s: 600 })
}

fn change(dice: &mut Dice) -> Change {
    match dice.below(8) {
        0 => Change::Freeze(Freeze { debits: true, credits: false }),
        1..4 => Change::Freeze(Freeze { debits: false, credits: false }),
        4 => Change::LimitPerDay(LimitException::At(amount(50_000))),
        5 => Change::LimitPerTransfer(LimitException::Unlimited),
        6 => Change::Overdraft(amount(dice.below(500))),
        _ => Change::Close,
    }
}
