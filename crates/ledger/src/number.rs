//! Account numbers: chosen by the caller, or generated with check digits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use unicode_normalization::UnicodeNormalization;

const MAX_CHARS: usize = 20;

/// An account number: 1 to 20 ASCII letters, digits and hyphens, starting with a letter or digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountNumber {
    // Padded with zeros. No character is zero, so comparing the bytes compares the numbers.
    bytes: [u8; MAX_CHARS],
}

/// A text that is not a valid [`AccountNumber`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account number is 1 to 20 ASCII letters, digits and hyphens, beginning with a letter or digit, not {0:?}")]
pub struct NumberError(String);

impl AccountNumber {
    /// Parses an account number.
    ///
    /// # Errors
    /// [`NumberError`] if the text is not 1 to 20 ASCII letters, digits and hyphens, starting with a letter or digit.
    pub fn new(text: &str) -> Result<AccountNumber, NumberError> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let well_formed =
            text.len() <= MAX_CHARS && text.bytes().all(legal) && text.bytes().next().is_some_and(|byte| byte != b'-');
        if !well_formed {
            return Err(NumberError(text.chars().take(40).collect()));
        }
        let mut bytes = [0; MAX_CHARS];
        for (to, from) in bytes.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        Ok(AccountNumber { bytes })
    }

    /// Parses an account number as a person may type it, for a lookup. A well-formed number is returned unchanged. From
    /// any other text, separators and spaces are removed, and full-width characters become ASCII ones.
    ///
    /// # Errors
    /// [`NumberError`] if the result is not a valid number.
    pub fn typed(text: &str) -> Result<AccountNumber, NumberError> {
        let trimmed = text.trim();
        if let Ok(number) = AccountNumber::new(trimmed) {
            return Ok(number);
        }
        let rest: String = trimmed.nfkc().filter(|character| !is_separator(*character)).collect();
        AccountNumber::new(&rest).map_err(|_| NumberError(text.chars().take(40).collect()))
    }

    /// Returns the form that all spellings of a number share: capital letters and digits only.
    #[must_use]
    pub fn plain(self) -> AccountNumber {
        let mut bytes = [0; MAX_CHARS];
        let kept = self.as_str().bytes().filter(|byte| *byte != b'-').map(|byte| byte.to_ascii_uppercase());
        for (to, from) in bytes.iter_mut().zip(kept) {
            *to = from;
        }
        AccountNumber { bytes }
    }

    /// Returns a value that sorts before every number.
    pub const fn least() -> AccountNumber {
        AccountNumber { bytes: [0; MAX_CHARS] }
    }

    /// Returns the number generated for the `sequence`-th account: ten digits and two check digits.
    ///
    /// The check digits are those of ISO 7064 MOD 97-10, as in an IBAN. They detect every single wrong digit and every
    /// swap of two adjacent digits.
    pub fn generated(sequence: u64) -> AccountNumber {
        let payload = sequence % 10_000_000_000;
        let check = 98u64.saturating_sub(remainder_97(&format!("{payload}00")));
        let mut bytes = [0; MAX_CHARS];
        for (to, from) in bytes.iter_mut().zip(format!("{payload:010}{check:02}").bytes()) {
            *to = from;
        }
        AccountNumber { bytes }
    }

    /// Returns whether the number has the form of a generated number with correct check digits.
    pub fn check_digits_hold(&self) -> bool {
        let text = self.as_str();
        text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) && remainder_97(text) == 1
    }

    /// Returns the number of a system account from its `prefix` (`CASH` or `FEES`) and a currency code.
    pub fn system(prefix: &str, code: &str) -> AccountNumber {
        let mut bytes = [0; MAX_CHARS];
        for (to, from) in bytes.iter_mut().zip(prefix.bytes().chain([b'-']).chain(code.bytes())) {
            *to = from;
        }
        AccountNumber { bytes }
    }

    /// Returns whether the number is reserved for the bank's own accounts (`CASH-…`, `FEES-…`).
    pub fn is_reserved(&self) -> bool {
        self.as_str().starts_with("CASH-") || self.as_str().starts_with("FEES-")
    }

    /// Returns the number as text.
    pub fn as_str(&self) -> &str {
        let length = self.bytes.iter().position(|byte| *byte == 0).unwrap_or(MAX_CHARS);
        // Only ASCII is ever stored.
        self.bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

/// Returns whether people write the character between the digits of a number, or it gets copied along with one.
const fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '-' | '.' | ',' | '/' | '_' | '\u{b7}' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// Returns the remainder of a decimal number of any length modulo 97.
fn remainder_97(digits: &str) -> u64 {
    digits.bytes().fold(0, |rest, byte| (rest * 10 + u64::from(byte.saturating_sub(b'0'))) % 97)
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountNumber({})", self.as_str())
    }
}

impl FromStr for AccountNumber {
    type Err = NumberError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        AccountNumber::new(text)
    }
}

impl Serialize for AccountNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AccountNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = arrayvec::ArrayString::<MAX_CHARS>::deserialize(deserializer)?;
        AccountNumber::new(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_plain() {
        for right in ["1", "YZ-87144583", "12345678901234567890", "a-b"] {
            assert_eq!(AccountNumber::new(right).map(|number| number.to_string()), Ok(right.to_string()));
        }
        for wrong in ["", "-1", "123456789012345678901", "1 2", "계좌", "a\0", "a/b"] {
            assert!(AccountNumber::new(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_number_is_read_as_it_is_typed() {
        for (typed, read) in [
            ("110-1001", Some("110-1001")),
            (" 110-1001\t", Some("110-1001")),
            ("110 1001", Some("1101001")),
            ("１１０－１００１", Some("1101001")),
            ("110\u{2013}1001", Some("1101001")),
            ("1234.5678/9012_3456", Some("1234567890123456")),
            ("1234 5678 9012 3456 7890", Some("12345678901234567890")),
            ("ｙｚ 87", Some("yz87")),
            ("\u{feff}110-1001", Some("1101001")),
            ("1234 5678 9012 3456 7890 1", None),
            ("계좌 1", None),
            ("1+1", None),
            ("- -", None),
            ("", None),
        ] {
            let found = AccountNumber::typed(typed).ok();
            assert_eq!(found.as_ref().map(AccountNumber::as_str), read, "{typed:?}");
        }
        for (number, plain) in [("yz-87144583", "YZ87144583"), ("110-1001", "1101001"), ("A", "A"), ("a--b-", "AB")] {
            assert_eq!(AccountNumber::new(number).unwrap().plain().as_str(), plain);
        }
    }

    #[test]
    fn check_digits_find_every_wrong_digit_and_every_swap() {
        for sequence in [1, 7, 97, 12_345, 9_999_999_999] {
            let number = AccountNumber::generated(sequence);
            assert!(number.check_digits_hold(), "{number}");
            let digits: Vec<u8> = number.as_str().bytes().collect();
            for place in 0..digits.len() {
                for digit in b'0'..=b'9' {
                    let mut wrong = digits.clone();
                    wrong[place] = digit;
                    let wrong = AccountNumber::new(std::str::from_utf8(&wrong).unwrap()).unwrap();
                    assert_eq!(wrong.check_digits_hold(), wrong == number, "{wrong} for {number}");
                }
                let mut swapped = digits.clone();
                swapped.swap(place, (place + 1).min(digits.len() - 1));
                let swapped = AccountNumber::new(std::str::from_utf8(&swapped).unwrap()).unwrap();
                assert_eq!(swapped.check_digits_hold(), swapped == number, "{swapped} for {number}");
            }
        }
    }

    #[test]
    fn system_numbers_are_reserved() {
        assert!(AccountNumber::system("CASH", "KRW").is_reserved());
        assert_eq!(AccountNumber::system("FEES", "POINTS").as_str(), "FEES-POINTS");
        assert!(!AccountNumber::new("CASHIER").unwrap().is_reserved());
    }
}
