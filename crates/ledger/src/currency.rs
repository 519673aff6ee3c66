//! Currencies: those of ISO 4217, or a bank's own codes with a scale.

use std::fmt;
use std::str::FromStr;

use arrayvec::ArrayString;
use serde::{Deserialize, Deserializer, Serialize};

/// A currency code: three letters of ISO 4217, or the bank's own code of 1 to 8 capital letters and digits, starting
/// with a letter.
///
/// A bank records a currency's scale in its journal when the currency is first used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Currency(ArrayString<8>);

/// A text that is not a valid [`Currency`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a currency is 1 to 8 capital letters and digits, beginning with a letter, not {0:?}")]
pub struct CurrencyError(String);

impl Currency {
    /// Parses a currency code.
    ///
    /// # Errors
    /// [`CurrencyError`] if the text is not 1 to 8 capital ASCII letters and digits, starting with a letter.
    pub fn new(code: &str) -> Result<Currency, CurrencyError> {
        let error = || CurrencyError(code.chars().take(40).collect());
        let legal = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let letter_first = code.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase());
        if !letter_first || !code.bytes().all(legal) {
            return Err(error());
        }
        ArrayString::from(code).map(Currency).map_err(|_| error())
    }

    /// Returns the South Korean won, which has no minor unit.
    pub fn krw() -> Currency {
        let mut code = ArrayString::new();
        code.push_str("KRW");
        Currency(code)
    }

    /// Returns the number of decimals by ISO 4217, or `None` for a code that is not in the standard or has no minor
    /// unit there.
    pub fn iso_scale(self) -> Option<u8> {
        let exponent = iso_currency::Currency::from_code(&self.0)?.exponent()?;
        u8::try_from(exponent).ok()
    }

    /// Returns the code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Currency::new(text)
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = ArrayString::<8>::deserialize(deserializer)?;
        Currency::new(&code).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_those_of_iso_4217() {
        for (code, scale) in
            [("KRW", Some(0)), ("JPY", Some(0)), ("CZK", Some(2)), ("USD", Some(2)), ("BHD", Some(3)), ("POINTS", None)]
        {
            assert_eq!(Currency::new(code).unwrap().iso_scale(), scale, "{code}");
        }
    }

    #[test]
    fn codes_are_capitals_and_digits() {
        for wrong in ["", "krw", "TOOLONGCODE", "A B", "1A", "원"] {
            assert!(Currency::new(wrong).is_err(), "{wrong:?}");
        }
    }
}
