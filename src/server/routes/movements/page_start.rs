//! Where a page of movements begins: after or before a position in the requested order.

use std::fmt;
use std::str::FromStr;

use jangbu::{Amount, Position, queries::Movement};

/// A position in a list, and the direction from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server::routes) struct PageStart {
    /// Whether the page ends before it, instead of beginning after it.
    pub(in crate::server::routes) back: bool,
    pub(in crate::server::routes) at: At,
}

/// A position in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::server::routes) enum At {
    /// In the order of the journal.
    Position(Position),
    /// In the order of amounts, and of the journal among equal amounts.
    Amount(Amount, Position, u8),
}

impl At {
    /// Returns the position of a movement in the order of amounts.
    pub(super) fn amount_of(movement: &Movement) -> At {
        At::Amount(movement.amount, movement.position, movement.step.unwrap_or(0))
    }
}

impl fmt::Display for PageStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.back { "-" } else { "" })?;
        match self.at {
            At::Position(position) => write!(f, "{position}"),
            At::Amount(amount, position, step) => write!(f, "{}:{position}:{step}", amount.minor_units()),
        }
    }
}

impl FromStr for PageStart {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (back, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<u64>().ok()).ok_or(());
        let mut parts = text.split(':');
        let at = match text.matches(':').count() {
            0 => At::Position(Position::new(number(parts.next())?)),
            2 => {
                let amount = Amount::new(number(parts.next())?).map_err(|_| ())?;
                let position = Position::new(number(parts.next())?);
                At::Amount(amount, position, u8::try_from(number(parts.next())?).map_err(|_| ())?)
            }
            _ => return Err(()),
        };
        Ok(PageStart { back, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back() {
        let amount = At::Amount(Amount::new(500).unwrap(), Position::new(7), 2);
        for at in [At::Position(Position::new(7)), amount] {
            for back in [false, true] {
                let place = PageStart { back, at };
                assert_eq!(place.to_string().parse(), Ok(place));
            }
        }
        for wrong in ["", "-", "x", "1:2", "1:2:300", "1:2:3:4", "--1"] {
            assert!(wrong.parse::<PageStart>().is_err(), "{wrong}");
        }
    }
}
