//! Inputs and effects as text.

use crate::account::{Accepted, Ticket, ToAccount};
use crate::command::{Answered, Outcome};
use crate::ledger::{AccountNumber, Body, Change, Draw, HoldEnd, LinkedMovement, Refusal, RunOutcome};
use crate::supervisor::effects::{Effect, LookUp};

/// The number of the account that scripts know by a short name.
pub(super) fn number(name: &str) -> AccountNumber {
    match name {
        "cash" => AccountNumber::system("CASH", "KRW"),
        "fees" => AccountNumber::system("FEES", "KRW"),
        _ => AccountNumber::new(name).unwrap(),
    }
}

/// The name of an account in scripts.
pub(super) fn name(number: AccountNumber) -> String {
    ["cash", "fees"]
        .into_iter()
        .find(|name| self::number(name) == number)
        .map_or_else(|| number.to_string(), str::to_owned)
}

/// What an effect is. Empty for what a script is not about.
pub(super) fn effect(effect: &Effect, name_of: &mut dyn FnMut(Ticket) -> String) -> String {
    match effect {
        Effect::Send { message, .. } => self::message(message, name_of),
        Effect::Start { account, .. } => format!("start {}", name(account.account.number)),
        Effect::Forget { .. } => "stopped".to_owned(),
        Effect::Load { number, .. } => format!("load {}", name(*number)),
        Effect::LookUp { ticket, look_up } => {
            let what = match look_up {
                LookUp::Id(_) => "an id",
                LookUp::Reference(_) => "the last word",
                LookUp::Record(_) => "a record",
            };
            format!("look up {what} for {}", name_of(*ticket))
        }
        Effect::Tally { ticket, .. } => format!("tally for {}", name_of(*ticket)),
        Effect::Compare { ticket, .. } => format!("compare for {}", name_of(*ticket)),
        Effect::Name { ticket, .. } => format!("name accounts for {}", name_of(*ticket)),
        Effect::FindSchedule { ticket, .. } => format!("find the schedule for {}", name_of(*ticket)),
        Effect::FindPayer { .. } => "find a payer".to_owned(),
        Effect::Verify(submission) => format!("verify {}", submission.amount),
        Effect::VerifyAgain(_) => "verify again".to_owned(),
        Effect::VerifyNoMore { .. } => "verify no more".to_owned(),
        Effect::Wake { .. } | Effect::Answer { .. } => String::new(),
        Effect::TurnAway { .. } => "turned away".to_owned(),
        Effect::AnswerDue { .. } => "nothing due".to_owned(),
        Effect::AnswerReference { .. } => "reference answered".to_owned(),
        Effect::AnswerClock { .. } => "clock answered".to_owned(),
    }
}

fn message(message: &ToAccount, name_of: &mut dyn FnMut(Ticket) -> String) -> String {
    match message {
        ToAccount::Debit(debit) => {
            let what = if debit.hold.is_some() { "hold" } else { "debit" };
            format!("{what} {} ({})", debit.terms.amount, name_of(debit.ticket))
        }
        ToAccount::Credit(credit) => {
            let what = if credit.expected { "expect" } else { "credit" };
            format!("{what} {} ({})", credit.amount, name_of(credit.ticket))
        }
        ToAccount::Accept(accept) => match accept.event {
            Accepted::Credited(amount) => format!("fee {amount}"),
            Accepted::Expected(amount) => format!("expect fee {amount}"),
            Accepted::Brought { amount, released } => format!("brought {amount}, released {released}"),
        },
        ToAccount::DrawHold(draw) => {
            let what = match draw.draw {
                Draw::Settle { amount: Some(amount), .. } => format!("settle {amount}"),
                Draw::Settle { amount: None, .. } => "settle all".to_owned(),
                Draw::Void { rejected: true } => "reject".to_owned(),
                Draw::Void { rejected: false } => "void".to_owned(),
                Draw::Expire => "expire".to_owned(),
            };
            format!("{what} ({})", name_of(draw.ticket))
        }
        ToAccount::Amend(amend) => format!("amend ({})", name_of(amend.ticket)),
        ToAccount::Save(_) => "save".to_owned(),
        ToAccount::Conclude(conclude) => if conclude.keep { "keep" } else { "go back" }.to_owned(),
        ToAccount::Refund(refund) => format!("refund ({})", name_of(refund.ticket)),
        ToAccount::Decided(decided) => {
            let mut names: Vec<_> = decided.tickets.iter().map(|ticket| name_of(*ticket)).collect();
            names.sort();
            format!("decided ({})", names.join(", "))
        }
        ToAccount::Vary(vary) => {
            let what = match &vary.change {
                Change::Close => "close",
                Change::Freeze(_) => "freeze",
                _ => "change",
            };
            let objection = vary.objection.as_ref().map(|refusal| format!(" unless {}", self::refusal(refusal)));
            format!("{what}{} ({})", objection.unwrap_or_default(), name_of(vary.ticket))
        }
        ToAccount::Retire(_) => "retire".to_owned(),
    }
}

/// The name of a refusal, with the step of linked ones.
fn refusal(refusal: &Refusal) -> String {
    if let Refusal::Linked { step, refusal } = refusal {
        return format!("step {step}: {}", self::refusal(refusal));
    }
    let text = format!("{refusal:?}");
    text.chars().take_while(|character| character.is_alphanumeric()).collect()
}

pub(super) fn answer(Answered { answer, replayed }: &Answered) -> String {
    let text = match answer {
        Ok(Outcome::Posted(receipt)) => format!(
            "posted {}, fee {}, left {} and {}",
            receipt.amount, receipt.fee, receipt.sender_balance, receipt.receiver_balance
        ),
        Ok(Outcome::Opened { .. }) => "opened".to_owned(),
        Ok(Outcome::Recorded { .. }) => "recorded".to_owned(),
        Ok(Outcome::Held(receipt)) => format!("held {}, fee {}", receipt.amount, receipt.fee),
        Ok(Outcome::Drawn(receipt)) => format!(
            "drawn {}, released {}, remaining {}, left {} and {}",
            receipt.amount, receipt.released, receipt.remaining, receipt.sender_balance, receipt.receiver_balance
        ),
        Ok(other) => format!("{other:?}"),
        Err(refusal) => format!("refused, {}", self::refusal(refusal)),
    };
    if *replayed { format!("{text} (again)") } else { text }
}

fn end(end: Option<HoldEnd>) -> &'static str {
    match end {
        None => "",
        Some(HoldEnd::Settled) => ", settled",
        Some(HoldEnd::Voided) => ", voided",
        Some(HoldEnd::Rejected) => ", rejected",
        Some(HoldEnd::Expired) => ", expired",
    }
}

/// What a record says.
pub(super) fn body(body: &Body) -> String {
    match body {
        Body::BankCreated(_) => "bank".to_owned(),
        Body::CurrencyAdded { currency, .. } => format!("currency {}", currency.as_str()),
        Body::AccountOpened(opened) => format!("opened {}", opened.number),
        Body::AccountChanged { .. } => "account changed".to_owned(),
        Body::TypeSet(_) => "type".to_owned(),
        Body::OwnerSet { free_transfers_per_day, .. } => format!("owner with {free_transfers_per_day}"),
        Body::RecordsPut(_) => "records".to_owned(),
        Body::Posted(posted) => format!("posted {}, fee {}", posted.amount, posted.fee),
        Body::Refused(refused) => format!("refused, {}", refusal(&refused.refusal)),
        Body::Held(held) => format!("held {}", held.amount),
        Body::Drawn(drawn) => {
            let it = &drawn.drawn;
            format!("drawn {}, released {}{}", it.amount, it.released, end(it.end))
        }
        Body::Amended(amended) => format!("amended, raised {}", amended.amended.raised),
        Body::Linked(steps) => {
            let step = |movement: &LinkedMovement| match movement {
                LinkedMovement::Posted(posted) => format!("posted {}", posted.amount),
                LinkedMovement::Drawn(drawn) => format!("drawn {}{}", drawn.drawn.amount, end(drawn.drawn.end)),
                LinkedMovement::Held(held) => format!("held {}", held.amount),
                LinkedMovement::Reversed(reversed) => format!("reversed {}", reversed.posted.amount),
            };
            let steps: Vec<_> = steps.iter().map(|linked| step(&linked.movement)).collect();
            format!("linked: {}", steps.join("; "))
        }
        Body::Reversed(it) => format!("reversed {}, {} in all", it.posted.amount, it.reversed),
        Body::ScheduleSet(_) => "schedule".to_owned(),
        Body::ScheduleChanged(_) => "schedule changed".to_owned(),
        Body::ScheduleRun(run) => match &run.outcome {
            RunOutcome::Posted { .. } => "run, posted".to_owned(),
            RunOutcome::Accepted { .. } => "run, accepted".to_owned(),
            RunOutcome::Refused { refusal, .. } => format!("run, refused, {}", self::refusal(refusal)),
            RunOutcome::Skipped { missed } => format!("run, skipped {missed:?}"),
        },
        Body::ClockAccepted(_) => "clock accepted".to_owned(),
        Body::ReversalsRepaired(_) => "reversals repaired".to_owned(),
    }
}
