//! Commands as text: a name, which is also the id, what is asked, and what it is about.
//!
//! | text | command |
//! | --- | --- |
//! | `n open a` | open an account |
//! | `n deposit a 100`, `n withdraw a 100` | cash |
//! | `n transfer a b 100`, with `at_most`, `most_fee 5` | a transfer |
//! | `n hold a b 100`, with `expires 60`, `verify` | place a hold |
//! | `n settle h`, `n settle h 40`, `n settle h 40 last`, `n void h`, `n amend h 500` | what becomes of a hold |
//! | `n linked transfer a b 1; settle h; void h; hold a b 1; reverse t` | linked steps |
//! | `n reverse t`, `n reverse t 40`, `n sweep a against b 500` | movements that follow from others |
//! | `n close a`, `n freeze a` | change an account |
//! | `n owner 5`, `n currency XAU 3` | what accounts share |
//! | `n schedule a b 100 at 60`, `n pause s`, `n cancel s` | schedules |
//! | `n put key`, `n put key expecting 7` | application records |

use std::time::Duration;

use super::words::number;
use crate::command::{
    AmendHold, CashPosting, ChangeAccount, ChangeSchedule, Command, Linked, OpenAccount, PlaceHold, Reverse,
    SetSchedule, SettleHold, Step, Sweep, Transfer, VoidHold,
};
use crate::ledger::{
    Amount, Balance, CatchUp, Change, CommandId, Currency, Freeze, HoldId, OwnerId, Position, RecordPut, Retry, Rule,
    Schedule, ScheduleChange, ScheduledAmount, Timestamp,
};

fn id(name: &str) -> CommandId {
    CommandId::derived(name.as_bytes())
}

/// The hold of that name; `g.1` is that of step 1 of the command `g`.
fn hold(name: &str) -> HoldId {
    match name.split_once('.') {
        Some((command, step)) => HoldId::of_step(id(command), step.parse().unwrap()),
        None => HoldId::new(id(name)),
    }
}

fn amount(text: &str) -> Amount {
    Amount::new(text.parse().unwrap()).unwrap()
}

fn step(text: &str) -> Step {
    let words: Vec<&str> = text.split_whitespace().collect();
    match *words.as_slice() {
        ["transfer", from, to, much] => Step::Transfer {
            from: number(from),
            to: number(to),
            amount: amount(much),
            at_most: false,
            most_fee: None,
            details: None,
        },
        ["hold", from, to, much] => Step::Hold {
            from: number(from),
            to: number(to),
            amount: amount(much),
            expires_at: None,
            most_fee: None,
            details: None,
        },
        ["settle", name] => Step::Settle { hold: hold(name), amount: None, last: true },
        ["settle", name, much] => Step::Settle { hold: hold(name), amount: Some(amount(much)), last: false },
        ["void", name] => Step::Void { hold: hold(name) },
        ["reverse", original] => Step::Reverse { original: id(original), step: 0, amount: None, details: None },
        _ => panic!("no step: {text}"),
    }
}

/// The command of a line; moments are counted in seconds from `beginning`.
pub(super) fn command(text: &str, beginning: Timestamp) -> Command {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (name, words) = words.split_first().unwrap();
    let id = self::id(name);
    let moment = |seconds: &str| beginning.after(Duration::from_secs(seconds.parse().unwrap()));
    let has = |word: &str| words.contains(&word);
    let after = |word: &str| words.iter().position(|other| *other == word).and_then(|at| words.get(at + 1).copied());
    match *words {
        ["open", account] => {
            let owner = OwnerId::new(account).unwrap();
            Command::OpenAccount(Box::new(OpenAccount::new(owner).with_number(number(account)).with_id(id)))
        }
        ["deposit", account, much] => Command::Deposit(CashPosting::new(number(account), amount(much)).with_id(id)),
        ["withdraw", account, much] => Command::Withdrawal(CashPosting::new(number(account), amount(much)).with_id(id)),
        ["transfer", from, to, much, ..] => {
            let transfer = Transfer::new(number(from), number(to), amount(much)).with_id(id);
            let most_fee = after("most_fee").map(amount);
            Command::Transfer(Transfer { at_most: has("at_most"), most_fee, ..transfer })
        }
        ["hold", from, to, much, ..] => {
            let place = PlaceHold::new(number(from), number(to), amount(much)).with_id(id);
            let expires_at = after("expires").map(moment);
            Command::PlaceHold(Box::new(PlaceHold { expires_at, verify: has("verify"), ..place }))
        }
        ["settle", name] => Command::SettleHold(SettleHold::all(hold(name)).with_id(id)),
        ["settle", name, much] => {
            Command::SettleHold(SettleHold::part(hold(name), amount(much)).keeping_rest().with_id(id))
        }
        ["settle", name, much, "last"] => Command::SettleHold(SettleHold::part(hold(name), amount(much)).with_id(id)),
        ["void", name] => Command::VoidHold(VoidHold::new(hold(name)).with_id(id)),
        ["amend", name, much] => Command::AmendHold(Box::new(AmendHold::raise(hold(name), amount(much)).with_id(id))),
        ["linked", ..] => {
            let (_, steps) = text.split_once("linked").unwrap();
            Command::Linked(Linked::new(steps.split(';').map(step).collect()).with_id(id))
        }
        ["reverse", original, ref rest @ ..] => {
            let amount = rest.first().copied().map(amount);
            Command::Reverse(Box::new(Reverse { id, original: self::id(original), step: 0, amount, details: None }))
        }
        ["sweep", account, "against", against, target] => Command::Sweep(Box::new(Sweep {
            id,
            account: number(account),
            against: number(against),
            target: Balance::new(target.parse().unwrap()).unwrap(),
            details: None,
        })),
        ["close", account] => {
            Command::ChangeAccount(Box::new(ChangeAccount::new(number(account), Change::Close).with_id(id)))
        }
        ["freeze", account] => {
            let change = Change::Freeze(Freeze { debits: true, credits: true });
            Command::ChangeAccount(Box::new(ChangeAccount::new(number(account), change).with_id(id)))
        }
        ["owner", free] => Command::SetOwner {
            id,
            owner: Box::new(OwnerId::new("a").unwrap()),
            free_transfers_per_day: free.parse().unwrap(),
        },
        ["currency", code, scale] => {
            Command::AddCurrency { id, currency: Currency::new(code).unwrap(), scale: scale.parse().unwrap() }
        }
        ["schedule", from, to, much, "at", seconds] => {
            let schedule = Schedule {
                from: number(from),
                to: number(to),
                amount: ScheduledAmount::Exactly(amount(much)),
                most_fee: None,
                details: None,
                rule: Rule::Once(moment(seconds)),
                start: None,
                end: Default::default(),
                catch_up: CatchUp::default(),
                retry: Retry::default(),
            };
            Command::SetSchedule(Box::new(SetSchedule::new(schedule).with_id(id)))
        }
        ["pause", name] => {
            Command::ChangeSchedule(ChangeSchedule::new(self::id(name), ScheduleChange::Pause).with_id(id))
        }
        ["cancel", name] => {
            Command::ChangeSchedule(ChangeSchedule::new(self::id(name), ScheduleChange::Cancel).with_id(id))
        }
        ["put", key, ..] => {
            let expected = after("expecting").map(|position| Position::new(position.parse().unwrap()));
            let put = RecordPut { kind: "note".into(), key: key.into(), value: Some(b"x".to_vec()), expected };
            Command::PutRecords { id, puts: vec![put] }
        }
        _ => panic!("no command: {text}"),
    }
}
