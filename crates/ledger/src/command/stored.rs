//! The stored form of a `bool` together with a largest fee that was added later.
//!
//! Fields of a stored structure never change within a version of the format. Commands were stored with a `bool`, one
//! byte of 0 or 1, before senders could name a largest fee. The variant index of an enum is the same byte, so commands
//! without a largest fee keep their stored form and their hash.

use serde::{Deserialize, Serialize};

use crate::Amount;

/// A `bool` and an optional largest fee. The order of the variants is part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Leeway {
    /// `false`, any fee.
    No,
    /// `true`, any fee.
    Yes,
    /// `false`, with the largest fee.
    NoWithin(Amount),
    /// `true`, with the largest fee.
    YesWithin(Amount),
}

impl Leeway {
    /// Combines both values.
    pub(super) const fn new(is_set: bool, most_fee: Option<Amount>) -> Leeway {
        match (is_set, most_fee) {
            (false, None) => Leeway::No,
            (true, None) => Leeway::Yes,
            (false, Some(most_fee)) => Leeway::NoWithin(most_fee),
            (true, Some(most_fee)) => Leeway::YesWithin(most_fee),
        }
    }

    /// Returns both values.
    pub(super) const fn parts(self) -> (bool, Option<Amount>) {
        match self {
            Leeway::No => (false, None),
            Leeway::Yes => (true, None),
            Leeway::NoWithin(most_fee) => (false, Some(most_fee)),
            Leeway::YesWithin(most_fee) => (true, Some(most_fee)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{decode, encode};
    use crate::command::{Command, Linked, PlaceHold, Step, Transfer};
    use crate::{
        AccountId, AccountNumber, CommandId, Details, HoldPlaced, LinkedMovement, Position, Posted, PostingKind,
        Reversed, Timestamp,
    };

    /// The form of transfers before there was a largest fee.
    #[derive(Serialize)]
    struct FirstTransfer {
        id: CommandId,
        from: AccountNumber,
        to: AccountNumber,
        amount: Amount,
        at_most: bool,
        details: Option<Box<Details>>,
    }

    /// The form of holds before there was a largest fee.
    #[derive(Serialize)]
    struct FirstHold {
        id: CommandId,
        from: AccountNumber,
        to: AccountNumber,
        amount: Amount,
        expires_at: Option<Timestamp>,
        verify: bool,
        details: Option<Box<Details>>,
    }

    /// The form of linked steps before there was a largest fee, and before steps could reverse.
    #[derive(Serialize)]
    enum FirstStep {
        Transfer {
            from: AccountNumber,
            to: AccountNumber,
            amount: Amount,
            at_most: bool,
            details: Option<Box<Details>>,
        },
        Settle {
            hold: CommandId,
            amount: Option<Amount>,
            last: bool,
        },
        Void {
            hold: CommandId,
        },
    }

    fn bytes<T: Serialize>(value: &T) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode(value, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_command_without_a_largest_fee_keeps_its_stored_form() {
        let (from, to) = (AccountNumber::new("A").unwrap(), AccountNumber::new("B").unwrap());
        let (id, amount, expires_at) = (CommandId::random(), Amount::new(7).unwrap(), Some(Timestamp::from_ns(9)));
        let details = Some(Box::new(Details { reference: "rent".into(), ..Details::default() }));
        for flag in [false, true] {
            let first = FirstTransfer { id, from, to, amount, at_most: flag, details: details.clone() };
            let details = details.clone();
            let now = Transfer { id, from, to, amount, at_most: flag, most_fee: None, details: details.clone() };
            assert_eq!(bytes(&first), bytes(&now));
            assert_eq!(decode::<Transfer>(&bytes(&first)).unwrap(), now);
            let first = FirstHold { id, from, to, amount, expires_at, verify: flag, details: details.clone() };
            let now = PlaceHold { id, from, to, amount, expires_at, verify: flag, most_fee: None, details };
            assert_eq!(bytes(&first), bytes(&now));
            assert_eq!(decode::<PlaceHold>(&bytes(&first)).unwrap(), now);
            let (sum, details) = (Some(amount), now.details);
            for (first, now) in [
                (
                    FirstStep::Transfer { from, to, amount, at_most: flag, details: details.clone() },
                    Step::Transfer { from, to, amount, at_most: flag, most_fee: None, details },
                ),
                (
                    FirstStep::Settle { hold: id, amount: sum, last: flag },
                    Step::Settle { hold: id.into(), amount: sum, last: flag },
                ),
                (FirstStep::Void { hold: id }, Step::void(id)),
            ] {
                assert_eq!(bytes(&first), bytes(&now));
                assert_eq!(decode::<Step>(&bytes(&first)).unwrap(), now);
            }
        }
    }

    #[test]
    fn reverse_steps_are_stored_after_the_earlier_variants() {
        let (nil, amount) = (CommandId::new(uuid::Uuid::nil()), Amount::new(7).unwrap());
        let step = Step::reverse_part(nil, 2, amount);
        let stored = bytes(&step);
        assert_eq!(
            (stored[1], &stored[stored.len() - 4..]),
            (3, &[2, 1, 7, 0][..]),
            "the variant, step, amount, no details"
        );
        assert_eq!(decode::<Step>(&stored).unwrap(), step);
        let (from, to, fees) = (AccountId::new(3), AccountId::new(4), AccountId::new(0));
        let (kind, fee, details) = (PostingKind::Reversal, Amount::ZERO, None);
        let posted = Posted { kind, from, to, amount, fee, fees, limited: false, counted: false, details };
        let (original_position, previous) = (Position::new(9), Position::new(8));
        let reversed = Reversed { posted, original: nil, step: 2, original_position, reversed: amount, previous };
        let movement = LinkedMovement::Reversed(Box::new(reversed));
        let stored = bytes(&movement);
        assert_eq!(stored[..11], [1, 2, 4, 3, 4, 7, 0, 0, 0, 0, 0], "version, variant, and the posting");
        assert_eq!(stored[stored.len() - 4..], [2, 9, 7, 8], "step, original, sum, the reversal before");
        assert_eq!(decode::<LinkedMovement>(&stored).unwrap(), movement);
    }

    #[test]
    fn hold_steps_are_stored_after_the_earlier_variants() {
        let (from, to) = (AccountNumber::new("A").unwrap(), AccountNumber::new("B").unwrap());
        let amount = Amount::new(7).unwrap();
        let step = Step::hold(from, to, amount).with_expiry(Timestamp::from_ns(4)).with_most_fee(amount);
        let stored = bytes(&step);
        assert_eq!(
            stored,
            [1, 4, 1, b'A', 1, b'B', 7, 1, 8, 1, 7, 0],
            "version, variant, accounts, amount, expiry, largest fee, no details"
        );
        assert_eq!(decode::<Step>(&stored).unwrap(), step);
        let text = serde_json::to_string(&step).unwrap();
        assert_eq!(serde_json::from_str::<Step>(&text).unwrap(), step, "{text}");
        let (from, to, fees, fee) = (AccountId::new(3), AccountId::new(4), AccountId::new(5), Amount::ONE);
        let (expires_at, details) = (None, None);
        let placed = HoldPlaced {
            from,
            to,
            amount,
            fee,
            fees,
            limited: true,
            counted: false,
            expires_at,
            requires_verification: false,
            details,
        };
        let movement = LinkedMovement::Held(Box::new(placed.clone()));
        let stored = bytes(&movement);
        assert_eq!(stored[..2], [1, 3], "version, variant");
        assert_eq!(stored[2..], bytes(&placed)[1..], "and what a hold by itself says");
        assert_eq!(decode::<LinkedMovement>(&stored).unwrap(), movement);
    }

    #[test]
    fn a_largest_fee_is_stored_after_its_variant_index() {
        let (from, to) = (AccountNumber::new("A").unwrap(), AccountNumber::new("B").unwrap());
        let id = CommandId::new(uuid::Uuid::nil());
        for (at_most, number) in [(false, 2), (true, 3)] {
            let amount = Amount::new(7).unwrap();
            let most_fee = Some(Amount::new(5).unwrap());
            let transfer = Transfer { id, from, to, amount, at_most, most_fee, details: None };
            let stored = bytes(&transfer);
            assert_eq!(stored[stored.len() - 4..], [7, number, 5, 0], "amount, number, largest fee, no details");
            assert_eq!(decode::<Transfer>(&stored).unwrap(), transfer);
            let hold = PlaceHold { verify: at_most, ..PlaceHold::for_verification(transfer.clone()) };
            let stored = bytes(&hold);
            assert_eq!(stored[stored.len() - 5..], [7, 0, number, 5, 0], "the same, behind the expiry");
            assert_eq!(decode::<PlaceHold>(&stored).unwrap(), hold);
            let step = Step::from(transfer.clone());
            let stored = bytes(&step);
            assert_eq!(stored[stored.len() - 4..], [7, number, 5, 0], "as in a transfer by itself");
            assert_eq!(decode::<Step>(&stored).unwrap(), step);
            let linked = Command::Linked(Linked::new(vec![step]));
            for command in [Command::Transfer(transfer), Command::PlaceHold(Box::new(hold)), linked] {
                let text = serde_json::to_string(&command).unwrap();
                assert_eq!(serde_json::from_str::<Command>(&text).unwrap(), command, "{text}");
                assert!(text.contains("\"most_fee\":5"), "{text}");
            }
        }
    }
}
