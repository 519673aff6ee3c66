//! Why a hold was given back: a reason for the bank's staff, and a text for its customer.

/// Between the reason and the customer's text where both are stored as one string. Neither may have it.
const SEPARATOR: char = '\u{1f}';
/// Takes the place of a separator in what somebody gave: like every control character it is refused.
const REFUSED: &str = "\u{0}";

/// Why a hold was given back.
///
/// Records and commands keep both texts in one string: the reason, and behind a unit separator (U+001F) the customer's text,
/// where there is one. A string without a separator is a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reason<'a> {
    /// For the bank's staff alone.
    pub internal: &'a str,
    /// For the sender to read.
    pub customer: &'a str,
}

impl<'a> Reason<'a> {
    /// The texts of a stored string.
    pub fn of(stored: Option<&'a str>) -> Reason<'a> {
        let stored = stored.unwrap_or_default();
        let (internal, customer) = stored.split_once(SEPARATOR).unwrap_or((stored, ""));
        Reason { internal, customer }
    }

    /// The string that is stored; `None` when nothing is said.
    pub fn stored(self) -> Option<Box<str>> {
        let plain = |text: &str| text.replace(SEPARATOR, REFUSED);
        match (self.internal, self.customer) {
            ("", "") => None,
            (internal, "") => Some(plain(internal).into()),
            (internal, customer) => Some(format!("{}{SEPARATOR}{}", plain(internal), plain(customer)).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_texts_come_back_and_neither_can_pretend_to_be_the_other() {
        for (internal, customer) in [("", ""), ("fraud", ""), ("", "Call us"), ("fraud", "Call us")] {
            let stored = Reason { internal, customer }.stored();
            assert_eq!(Reason::of(stored.as_deref()), Reason { internal, customer });
        }
        assert_eq!(Reason { internal: "fraud", customer: "" }.stored().as_deref(), Some("fraud"), "as it always was");
        let forged = Reason { internal: "fraud\u{1f}You won", customer: "" }.stored();
        assert_eq!(Reason::of(forged.as_deref()).customer, "");
    }
}
