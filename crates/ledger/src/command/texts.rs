//! Normalizes and checks the texts of commands.

use super::{CashPosting, Command, InvalidCommand, Step, Transfer};
use crate::text::{check_text, count_chars, normalize, normalized};
use crate::{AccountType, Details, MAX_REFERENCE_CHARS, Reason};

impl Command {
    /// Brings every text that people read into Unicode normal form C, so that one text is one command, however it was
    /// typed. Metadata is left alone, because it is meant for programs.
    pub fn normalize(&mut self) {
        match self {
            Command::Transfer(Transfer { details, .. })
            | Command::Deposit(CashPosting { details, .. })
            | Command::Withdrawal(CashPosting { details, .. }) => normalize_details(details.as_deref_mut()),
            Command::PlaceHold(hold) => normalize_details(hold.details.as_deref_mut()),
            Command::Reverse(reverse) => normalize_details(reverse.details.as_deref_mut()),
            Command::Sweep(sweep) => normalize_details(sweep.details.as_deref_mut()),
            Command::SetSchedule(set) => normalize_details(set.schedule.details.as_deref_mut()),
            Command::Linked(linked) => {
                for step in &mut linked.steps {
                    match step {
                        Step::Transfer { details, .. } | Step::Reverse { details, .. } | Step::Hold { details, .. } => {
                            normalize_details(details.as_deref_mut());
                        }
                        Step::Settle { .. } | Step::Void { .. } => {}
                    }
                }
            }
            Command::VoidHold(void) => {
                if let Some(reason) = &mut void.reason {
                    *reason = normalized(reason).into();
                }
            }
            Command::SetType { account_type, .. } => normalize(&mut account_type.name),
            // No text that people read.
            Command::OpenAccount(_)
            | Command::ChangeAccount(_)
            | Command::SetOwner { .. }
            | Command::AddCurrency { .. }
            | Command::PutRecords { .. }
            | Command::SettleHold(_)
            | Command::AmendHold(_)
            | Command::ExpireHold { .. }
            | Command::ChangeSchedule(_)
            | Command::RepairReversals(_) => {}
        }
    }
}

fn normalize_details(details: Option<&mut Details>) {
    if let Some(details) = details {
        details.normalize();
    }
}

pub(super) fn check_details(details: Option<&Details>) -> Result<(), InvalidCommand> {
    details.map_or(Ok(()), |details| details.check().map_err(InvalidCommand::Details))
}

/// Checks a reason. Each of its texts may be as long as a reference and must be as readable.
pub(super) fn check_reason(reason: Option<&str>) -> Result<(), InvalidCommand> {
    let Reason { internal, customer } = Reason::of(reason);
    let fits = |text: &str| count_chars(text) <= MAX_REFERENCE_CHARS && check_text(text).is_ok();
    if fits(internal) && fits(customer) { Ok(()) } else { Err(InvalidCommand::Reason) }
}

/// Checks the name of a type, which must not be empty.
pub(super) fn check_type_name(name: &str) -> Result<(), InvalidCommand> {
    let fits = (1..=AccountType::MAX_NAME_CHARS).contains(&count_chars(name)) && check_text(name).is_ok();
    if fits { Ok(()) } else { Err(InvalidCommand::TypeName) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Linked, PlaceHold, Reverse, SetSchedule, Sweep, VoidHold};
    use crate::{AccountNumber, Amount, CommandId, Currency, END_TO_END_ID, Rule, Schedule, TimeOfDay, TypeCode};

    const COMPOSED: &str = "월세 é";
    const DECOMPOSED: &str = "\u{110b}\u{116f}\u{11af}\u{1109}\u{1166} e\u{301}";

    /// Returns every command that has texts, with `text` in all of them.
    fn with(text: &str) -> Vec<Command> {
        let account = |text| AccountNumber::new(text).unwrap();
        let (a, b, id) = (account("A"), account("B"), CommandId::derived(b"texts"));
        let details = Some(Box::new(Details {
            sender_label: text.into(),
            receiver_label: text.into(),
            reference: text.into(),
            metadata: vec![(END_TO_END_ID.into(), text.into())],
        }));
        let transfer = Transfer { details: details.clone(), ..Transfer::new(a, b, Amount::ONE).with_id(id) };
        let cash = CashPosting { details: details.clone(), ..CashPosting::new(a, Amount::ONE).with_id(id) };
        let rule = Rule::daily(TimeOfDay::new(9, 0).unwrap());
        let schedule = Schedule { details: details.clone(), ..Schedule::new(a, b, Amount::ONE, rule) };
        let steps = vec![
            Step::Transfer {
                from: a,
                to: b,
                amount: Amount::ONE,
                at_most: false,
                most_fee: None,
                details: details.clone(),
            },
            Step::Reverse { original: id, step: 0, amount: None, details: details.clone() },
            Step::Hold {
                from: a,
                to: b,
                amount: Amount::ONE,
                expires_at: None,
                most_fee: None,
                details: details.clone(),
            },
        ];
        let code = TypeCode::new("plain").unwrap();
        vec![
            Command::Deposit(cash.clone()),
            Command::Withdrawal(cash),
            Command::PlaceHold(Box::new(PlaceHold::for_verification(transfer.clone()))),
            Command::Transfer(transfer),
            Command::Reverse(Box::new(Reverse { details: details.clone(), ..Reverse::all(id).with_id(id) })),
            Command::Sweep(Box::new(Sweep { details, ..Sweep::to_zero(a, b).with_id(id) })),
            Command::SetSchedule(Box::new(SetSchedule::new(schedule).with_id(id))),
            Command::Linked(Linked::new(steps).with_id(id)),
            Command::VoidHold(VoidHold::new(id).with_id(id).because(text)),
            Command::SetType { id, account_type: Box::new(AccountType::new(code, text, Currency::krw())) },
        ]
    }

    #[test]
    fn the_same_text_is_the_same_command_however_it_was_typed() {
        for (mut command, composed) in with(DECOMPOSED).into_iter().zip(with(COMPOSED)) {
            assert_ne!(command.content(), composed.content());
            command.normalize();
            assert_eq!(command, composed);
            assert_eq!(command.check(), Ok(()));
            assert_eq!(command.content(), composed.content());
        }
    }

    #[test]
    fn metadata_is_kept_byte_for_byte() {
        let a = AccountNumber::new("A").unwrap();
        let metadata = vec![("key".to_owned(), DECOMPOSED.to_owned())];
        let details = Some(Box::new(Details { metadata, ..Details::default() }));
        let mut command = Command::Transfer(Transfer { details, ..Transfer::new(a, a, Amount::ONE) });
        let before = command.clone();
        command.normalize();
        assert_eq!(command, before);
    }

    #[test]
    fn every_command_refuses_unreadable_texts() {
        for text in ["a\nb", "a\u{2028}b", "\u{202e}tner", "\u{3164}", " "] {
            for command in with(text) {
                assert!(command.check().is_err(), "{command:?}");
            }
        }
    }
}
