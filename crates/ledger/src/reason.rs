//! Why a hold was voided: a reason for the bank's staff, and a text for the customer.

/// Separates the two texts in the stored string. Neither text may contain it.
const SEPARATOR: char = '\u{1f}';
/// Replaces a separator in a given text. Control characters are refused, so the text is refused.
const REFUSED: &str = "\u{0}";

/// Why a hold was voided.
///
/// Records and commands store both texts in one string: the internal reason and, if there is a text for the customer, a
/// unit separator (U+001F) and that text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reason<'a> {
    /// For the bank's staff only.
    pub internal: &'a str,
    /// For the sender to read.
    pub customer: &'a str,
}

impl<'a> Reason<'a> {
    /// Splits a stored string into its texts.
    pub fn of(stored: Option<&'a str>) -> Reason<'a> {
        let stored = stored.unwrap_or_default();
        let (internal, customer) = stored.split_once(SEPARATOR).unwrap_or((stored, ""));
        Reason { internal, customer }
    }

    /// Returns the string to store; `None` if both texts are empty.
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
    fn both_texts_of_a_reason_read_back_separately() {
        for (internal, customer) in [("", ""), ("fraud", ""), ("", "Call us"), ("fraud", "Call us")] {
            let stored = Reason { internal, customer }.stored();
            assert_eq!(Reason::of(stored.as_deref()), Reason { internal, customer });
        }
        assert_eq!(Reason { internal: "fraud", customer: "" }.stored().as_deref(), Some("fraud"), "as it always was");
        let forged = Reason { internal: "fraud\u{1f}You won", customer: "" }.stored();
        assert_eq!(Reason::of(forged.as_deref()).customer, "");
    }
}
