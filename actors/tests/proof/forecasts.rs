//! Dry runs before each command: their forecast must be the actual outcome, whatever the command and the state.

use futures::executor::block_on;
use jangbu_actors::command::{Command, InvalidCommand, Outcome, Step};
use jangbu_actors::ledger::{AccountNumber, Amount, CommandId};
use jangbu_actors::preview::{Headroom, Objection, Preview, Quote};
use jangbu_actors::{Bank, Error, Snapshot};

use crate::model::Answer;
use crate::script::with_id;
use crate::support::won;

/// The dry run of a command, and the account to which its figures belong.
pub(crate) struct Forecast {
    said: Preview,
    before: Option<Snapshot>,
}

impl Forecast {
    /// `None` for a command that has no dry run.
    pub(crate) fn of(bank: &Bank, command: &Command) -> Option<Self> {
        let said = match block_on(bank.preview(command)) {
            Err(Error::Invalid(InvalidCommand::NotPreviewed)) => None,
            found => Some(found.unwrap()),
        };
        assert_eq!(said.is_some(), moves_or_holds_money(command), "{command:?}");
        if let Some(Preview::Refused(objection)) = &said {
            check_largest(bank, command, objection);
        }
        let before = quoted_account(command).and_then(|number| block_on(bank.snapshot(number)).ok());
        Some(Self { said: said?, before })
    }

    /// Compares it with the actual outcome of the command.
    pub(crate) fn check(&self, bank: &Bank, command: &Command, answer: &Answer) {
        match (&self.said, answer) {
            (Preview::Refused(objection), Err(refusal)) => assert_eq!(objection.refusal, *refusal, "{command:?}"),
            (Preview::Repeated { position }, Ok(outcome)) => assert_eq!(outcome.position(), *position, "{command:?}"),
            (Preview::Granted(quote), Ok(outcome)) => {
                check_figures(command, quote, outcome);
                self.check_rest(bank, command, quote);
            }
            (said, answer) => panic!("{command:?}: {said:?}, then {answer:?}"),
        }
    }

    /// Compares what the account had, and what it has left, unless the bank did more there on its own in the meantime.
    fn check_rest(&self, bank: &Bank, command: &Command, quote: &Quote) {
        let Some(before) = &self.before else { return };
        let after = block_on(bank.snapshot(before.number)).unwrap();
        assert_eq!(quote.available_before, before.available, "{command:?}");
        if after.version == before.version + 1 {
            assert_eq!(quote.headroom, headroom(&after), "{command:?}");
        }
    }
}

const fn moves_or_holds_money(command: &Command) -> bool {
    matches!(
        command,
        Command::Transfer(_)
            | Command::Deposit(_)
            | Command::Withdrawal(_)
            | Command::PlaceHold(_)
            | Command::SettleHold(_)
            | Command::VoidHold(_)
            | Command::AmendHold(_)
            | Command::Linked(_)
            | Command::Sweep(_)
            | Command::Reverse(_)
    )
}

fn check_figures(command: &Command, quote: &Quote, outcome: &Outcome) {
    let found = match outcome {
        Outcome::Posted(receipt) => (receipt.amount, receipt.fee, Some(receipt.date)),
        Outcome::Held(receipt) => (receipt.amount, receipt.fee, Some(receipt.date)),
        Outcome::Drawn(receipt) => (receipt.amount, receipt.fee, None),
        // The records of linked steps and amendments are compared with the model.
        _ => return,
    };
    assert_eq!((quote.amount, quote.fee, found.2.map(|_| quote.date)), found, "{command:?}");
    assert_eq!(quote.total.minor_units(), quote.amount.minor_units() + quote.fee.minor_units(), "{command:?}");
}

fn headroom(account: &Snapshot) -> Headroom {
    Headroom {
        available: account.available,
        per_transfer: account.limit_per_transfer,
        left_today: account.left_today,
        free_transfers_left: account.free_transfers_left,
    }
}

/// Returns the account to which the figures of a quote belong, if the command names it.
fn quoted_account(command: &Command) -> Option<AccountNumber> {
    match command {
        Command::Transfer(transfer) => Some(transfer.from),
        Command::PlaceHold(hold) => Some(hold.from),
        Command::Deposit(cash) | Command::Withdrawal(cash) => Some(cash.account),
        Command::Linked(linked) => match linked.steps.as_slice() {
            [Step::Transfer { from, .. }] => Some(*from),
            _ => None,
        },
        _ => None,
    }
}

/// Checks that the largest accepted amount is accepted and one unit more is not; if there is none, that not even one
/// unit is accepted.
fn check_largest(bank: &Bank, command: &Command, objection: &Objection) {
    let passes = |amount: Amount| {
        let with_amount = with_amount(command.clone(), amount)?;
        let preview = block_on(bank.preview(&with_id(with_amount, CommandId::random())));
        Some(matches!(preview.unwrap(), Preview::Granted(_)))
    };
    let (largest, more) = match objection.largest {
        Some(largest) => {
            // No amount exceeds the largest possible one.
            let more = Amount::new(largest.minor_units() + 1).map_or(Some(false), passes);
            (passes(largest), more)
        }
        // A command already answered under the id repeats that answer.
        None if block_on(bank.position_of(command.id())).unwrap().is_some() => return,
        None => (passes(won(1)).map(|_| true), passes(won(1))),
    };
    assert!(matches!((largest, more), (Some(true), Some(false)) | (None, None)), "{command:?}: {objection:?}");
}

/// Returns the same command with exactly that amount; `None` if it has none.
fn with_amount(mut command: Command, amount: Amount) -> Option<Command> {
    match &mut command {
        Command::Transfer(transfer) => (transfer.amount, transfer.at_most) = (amount, false),
        Command::PlaceHold(hold) => hold.amount = amount,
        Command::AmendHold(amend) => *amend.raise_to.as_mut()? = amount,
        Command::SettleHold(settle) => *settle.amount.as_mut()? = amount,
        Command::Deposit(cash) | Command::Withdrawal(cash) => cash.amount = amount,
        Command::Reverse(reverse) => reverse.amount = Some(amount),
        _ => return None,
    }
    Some(command)
}
