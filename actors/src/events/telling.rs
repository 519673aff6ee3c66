//! Converts a record to its event. No other function decides what subscribers see of a record.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::event::{CommandKind, Event, EventKind, HoldPlacement, RecordWrite};
use crate::command::{Command, Step};
use crate::ledger::{
    AccountId, AccountNumber, Amount, Body, CommandId, Details, HoldDrawn, HoldEnd, HoldId, HoldPlaced, HoldPosition,
    LinkedMovement, Posted, Reason, Record, Refused, Reversed,
};

/// The numbers of the accounts that records name by id.
pub(super) type Numbers = FxHashMap<AccountId, AccountNumber>;

/// The sender and the receiver of the schedules that records name by id.
pub(super) type Schedules = FxHashMap<CommandId, [AccountNumber; 2]>;

/// Visits the ids of the accounts that the event of a record names.
pub(super) fn named(record: &Record, mut visit: impl FnMut(AccountId)) {
    record.body.for_each_leg(record.date, |account, _| visit(account));
}

/// The placements of the holds that records name, by position and step.
pub(super) type Placements = FxHashMap<HoldPosition, HoldPlacement>;

/// Visits the positions of the holds that a record is about.
pub(super) fn named_holds(record: &Record, mut visit: impl FnMut(HoldPosition)) {
    record.body.for_each_hold(|drawn| visit(drawn.place()));
    if let Body::Amended(amended) = &record.body {
        visit(amended.place());
    }
}

/// Returns the placement of a hold that the record contains, by its step; `None` if the record is about something else.
pub(super) fn placement(record: &Record, step: Option<u8>) -> Option<HoldPlacement> {
    let (placed, _) = record.placed(step)?;
    Some(HoldPlacement {
        recorded_at: record.recorded_at,
        amount: placed.amount,
        fee: placed.fee,
        requires_verification: placed.requires_verification,
        details: placed.details.as_deref().cloned().unwrap_or_default(),
    })
}

/// Returns the schedule that a record names by id only.
pub(super) fn named_schedule(record: &Record) -> Option<CommandId> {
    match &record.body {
        Body::ScheduleChanged(changed) => Some(changed.schedule),
        Body::ScheduleRun(run) => Some(run.schedule),
        Body::Refused(refused) => match &refused.command {
            Command::ChangeSchedule(change) => Some(change.schedule),
            _ => None,
        },
        _ => None,
    }
}

/// What records name by id but do not contain.
pub(super) struct Known<'a> {
    pub(super) numbers: &'a Numbers,
    pub(super) schedules: &'a Schedules,
    pub(super) placements: &'a Placements,
}

/// Returns the event of a record, or `None` if an account that it names has no number.
pub(super) fn event(record: &Record, known: &Known<'_>) -> Option<Event> {
    let Known { numbers, schedules, .. } = known;
    let mut ids: SmallVec<[AccountId; 4]> = SmallVec::new();
    named(record, |account| {
        if !ids.contains(&account) {
            ids.push(account);
        }
    });
    let mut accounts = ids.iter().map(|id| numbers.get(id).copied()).collect::<Option<Vec<AccountNumber>>>()?;
    let mut add = |number| {
        if !accounts.contains(&number) {
            accounts.push(number);
        }
    };
    match &record.body {
        Body::Refused(refused) => asked_about(&refused.command, &mut add),
        Body::ScheduleSet(set) => [set.schedule.from, set.schedule.to].into_iter().for_each(&mut add),
        _ => {}
    }
    // The refused command can name a schedule that never existed.
    if let Some(parties) = named_schedule(record).and_then(|schedule| schedules.get(&schedule)) {
        parties.iter().copied().for_each(&mut add);
    }
    Some(Event {
        position: record.position,
        id: record.id,
        recorded_at: record.recorded_at,
        date: record.date,
        accounts,
        what: what(record, known)?,
    })
}

fn what(record: &Record, known: &Known<'_>) -> Option<EventKind> {
    let numbers = known.numbers;
    let number = |id: AccountId| numbers.get(&id).copied();
    Some(match &record.body {
        Body::BankCreated(created) => EventKind::BankCreated { time_zone: created.time_zone.clone() },
        Body::CurrencyAdded { currency, scale, .. } => EventKind::CurrencyAdded { currency: *currency, scale: *scale },
        Body::AccountOpened(opened) => EventKind::Opened {
            account: opened.number,
            owner: opened.owner,
            kind: opened.kind,
            currency: opened.currency,
            overdraft: opened.overdraft,
        },
        Body::AccountChanged { account, change } => EventKind::Changed { account: number(*account)?, change: **change },
        Body::TypeSet(account_type) => EventKind::TypeSet { account_type: account_type.clone() },
        Body::OwnerSet { owner, free_transfers_per_day } => {
            EventKind::OwnerSet { owner: *owner, free_transfers_per_day: *free_transfers_per_day }
        }
        Body::RecordsPut(puts) => {
            let kept = puts.iter().map(|put| RecordWrite {
                kind: put.kind.clone(),
                key: put.key.clone(),
                deleted: put.value.is_none(),
            });
            EventKind::RecordsPut { records: kept.collect() }
        }
        Body::Posted(posted) => of_posted(posted, numbers)?,
        Body::Refused(refused) => of_refused(refused),
        Body::Held(placed) => of_held(HoldId::new(record.id), placed, numbers)?,
        Body::Drawn(drawn) => of_drawn(drawn, known)?,
        Body::Amended(amended) => EventKind::Amended {
            hold: amended.hold,
            from: number(amended.from)?,
            to: number(amended.to)?,
            raised: amended.amended.raised,
            expires_at: amended.amended.expires_at,
            placed: known.placements.get(&amended.place()).cloned().map(Box::new),
        },
        Body::Linked(steps) => {
            let each = steps.iter().zip(0..).map(|(step, number)| match &step.movement {
                LinkedMovement::Posted(posted) => of_posted(posted, numbers),
                LinkedMovement::Drawn(drawn) => of_drawn(drawn, known),
                LinkedMovement::Reversed(reversed) => of_reversed(reversed, numbers),
                LinkedMovement::Held(placed) => of_held(HoldId::of_step(record.id, number), placed, numbers),
            });
            EventKind::Linked { steps: each.collect::<Option<_>>()? }
        }
        Body::Reversed(reversed) => of_reversed(reversed, numbers)?,
        Body::ReversalsRepaired(repaired) => {
            let posted = repaired.posted.as_ref();
            let party = |party: Option<AccountId>| match party {
                Some(id) => number(id).map(Some),
                None => Some(None),
            };
            EventKind::ReversalsRepaired {
                original: repaired.original,
                step: repaired.step,
                from: party(posted.map(|posted| posted.from))?,
                to: party(posted.map(|posted| posted.to))?,
                amount: posted.map_or(Amount::ZERO, |posted| posted.amount),
            }
        }
        Body::ScheduleSet(set) => {
            EventKind::ScheduleSet { schedule: Box::new(set.schedule.clone()), progress: set.progress }
        }
        Body::ScheduleChanged(changed) => EventKind::ScheduleChanged {
            schedule: changed.schedule,
            change: changed.change,
            progress: changed.progress,
        },
        Body::ScheduleRun(run) => EventKind::ScheduleRun {
            schedule: run.schedule,
            occurrence: run.occurrence,
            outcome: run.outcome.clone(),
            progress: run.progress,
        },
        Body::ClockAccepted(accepted) => {
            EventKind::ClockAccepted { reading: accepted.reading, trusted: accepted.trusted }
        }
    })
}

fn of_posted(posted: &Posted, numbers: &Numbers) -> Option<EventKind> {
    Some(EventKind::Posted {
        kind: posted.kind,
        from: *numbers.get(&posted.from)?,
        to: *numbers.get(&posted.to)?,
        amount: posted.amount,
        fee: posted.fee,
        details: posted.details.clone(),
    })
}

fn of_held(hold: HoldId, placed: &HoldPlaced, numbers: &Numbers) -> Option<EventKind> {
    Some(EventKind::Held {
        hold,
        from: *numbers.get(&placed.from)?,
        to: *numbers.get(&placed.to)?,
        amount: placed.amount,
        fee: placed.fee,
        expires_at: placed.expires_at,
        requires_verification: placed.requires_verification,
        details: placed.details.clone(),
    })
}

fn of_reversed(reversed: &Reversed, numbers: &Numbers) -> Option<EventKind> {
    Some(EventKind::Reversed {
        original: reversed.original,
        step: reversed.step,
        from: *numbers.get(&reversed.posted.from)?,
        to: *numbers.get(&reversed.posted.to)?,
        amount: reversed.posted.amount,
        reversed: reversed.reversed,
        details: reversed.posted.details.clone(),
    })
}

fn of_drawn(record: &HoldDrawn, known: &Known<'_>) -> Option<EventKind> {
    let (hold, drawn) = (record.hold, record.drawn);
    let (from, to) = (*known.numbers.get(&record.from)?, *known.numbers.get(&record.to)?);
    let placed = known.placements.get(&record.place()).cloned().map(Box::new);
    let captured = drawn.captured;
    Some(match drawn.end {
        None | Some(HoldEnd::Settled) => EventKind::Settled {
            hold,
            from,
            to,
            amount: drawn.amount,
            fee: drawn.fee,
            released: drawn.released,
            remaining: drawn.remaining,
            last: drawn.end.is_some(),
            captured,
            placed,
        },
        Some(end) => {
            let Reason { internal, customer } = Reason::of(record.reason.as_deref());
            let (reason, customer_text) = (internal.to_owned(), customer.to_owned());
            EventKind::Released { hold, from, to, amount: drawn.released, end, reason, customer_text, captured, placed }
        }
    })
}

fn of_refused(refused: &Refused) -> EventKind {
    let asked = |command, from, to, amount: Option<Amount>, hold: Option<HoldId>| EventKind::Refused {
        command,
        from,
        to,
        amount,
        hold,
        refusal: refused.refusal.clone(),
        details: said(&refused.command),
    };
    let about = |command, account| asked(command, account, None, None, None);
    match &refused.command {
        Command::Transfer(transfer) => {
            asked(CommandKind::Transfer, Some(transfer.from), Some(transfer.to), Some(transfer.amount), None)
        }
        Command::Deposit(cash) => asked(CommandKind::Deposit, None, Some(cash.account), Some(cash.amount), None),
        Command::Withdrawal(cash) => asked(CommandKind::Withdrawal, Some(cash.account), None, Some(cash.amount), None),
        Command::OpenAccount(open) => about(CommandKind::OpenAccount, open.number),
        Command::ChangeAccount(change) => about(CommandKind::ChangeAccount, Some(change.account)),
        Command::SetType { .. } => about(CommandKind::SetType, None),
        Command::SetOwner { .. } => about(CommandKind::SetOwner, None),
        Command::AddCurrency { .. } => about(CommandKind::AddCurrency, None),
        Command::PutRecords { .. } => about(CommandKind::PutRecords, None),
        Command::PlaceHold(hold) => {
            // A hold that awaits verification was requested as a transfer.
            let kind = if hold.verify { CommandKind::Transfer } else { CommandKind::PlaceHold };
            asked(kind, Some(hold.from), Some(hold.to), Some(hold.amount), None)
        }
        Command::SettleHold(settle) => asked(CommandKind::SettleHold, None, None, settle.amount, Some(settle.hold)),
        Command::VoidHold(void) => asked(CommandKind::VoidHold, None, None, None, Some(void.hold)),
        Command::AmendHold(amend) => asked(CommandKind::AmendHold, None, None, amend.raise_to, Some(amend.hold)),
        Command::ExpireHold { hold, .. } => asked(CommandKind::ExpireHold, None, None, None, Some(*hold)),
        Command::Linked(_) => about(CommandKind::Linked, None),
        Command::Reverse(reverse) => asked(CommandKind::Reverse, None, None, reverse.amount, None),
        Command::RepairReversals(_) => about(CommandKind::RepairReversals, None),
        Command::Sweep(sweep) => asked(CommandKind::Sweep, Some(sweep.account), Some(sweep.against), None, None),
        Command::SetSchedule(set) => {
            asked(CommandKind::SetSchedule, Some(set.schedule.from), Some(set.schedule.to), None, None)
        }
        Command::ChangeSchedule(_) => about(CommandKind::ChangeSchedule, None),
    }
}

/// Returns the texts of a command about one movement.
fn said(command: &Command) -> Option<Box<Details>> {
    match command {
        Command::Transfer(transfer) => transfer.details.clone(),
        Command::Deposit(cash) | Command::Withdrawal(cash) => cash.details.clone(),
        Command::PlaceHold(hold) => hold.details.clone(),
        Command::Reverse(reverse) => reverse.details.clone(),
        Command::Sweep(sweep) => sweep.details.clone(),
        _ => None,
    }
}

/// Visits the accounts that a command names by number. Commands about a hold or a movement name none.
fn asked_about(command: &Command, mut visit: impl FnMut(AccountNumber)) {
    match command {
        Command::Transfer(transfer) => [transfer.from, transfer.to].into_iter().for_each(visit),
        Command::Deposit(cash) | Command::Withdrawal(cash) => visit(cash.account),
        Command::OpenAccount(open) => open.number.into_iter().for_each(visit),
        Command::ChangeAccount(change) => visit(change.account),
        Command::PlaceHold(hold) => [hold.from, hold.to].into_iter().for_each(visit),
        Command::Linked(linked) => {
            for step in &linked.steps {
                if let Step::Transfer { from, to, .. } | Step::Hold { from, to, .. } = step {
                    [*from, *to].into_iter().for_each(&mut visit);
                }
            }
        }
        Command::Sweep(sweep) => [sweep.account, sweep.against].into_iter().for_each(visit),
        Command::SetSchedule(set) => [set.schedule.from, set.schedule.to].into_iter().for_each(visit),
        Command::SetType { .. }
        | Command::SetOwner { .. }
        | Command::AddCurrency { .. }
        | Command::PutRecords { .. }
        | Command::SettleHold(_)
        | Command::VoidHold(_)
        | Command::AmendHold(_)
        | Command::ExpireHold { .. }
        | Command::Reverse(_)
        | Command::RepairReversals(_)
        | Command::ChangeSchedule(_) => {}
    }
}
