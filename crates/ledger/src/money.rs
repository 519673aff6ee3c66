//! Money in minor units: unsigned amounts and signed balances, with checked arithmetic only.

use std::fmt;
use std::iter::Sum;
use std::num::NonZeroU64;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The largest magnitude of an amount or a balance: 2^53 − 1 minor units.
///
/// JSON clients read integers up to this value exactly, JavaScript included (RFC 8259, section 6).
pub const MAX_MINOR_UNITS: u64 = (1 << 53) - 1;

const MAX_SIGNED: i64 = (1 << 53) - 1;

/// An amount of money, from 0 to 2^53 − 1 minor units. The context determines the currency.
// Stored as the minor units plus one, so that `Option<Amount>` is as small as `Amount`. A command holds several
// amounts, and its bytes are copied from thread to thread.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(NonZeroU64);

/// Why a number or a text is not a valid [`Amount`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// Above 2^53 − 1 minor units.
    #[error("the amount is over the maximum of {MAX_MINOR_UNITS} minor units")]
    TooLarge,
    /// More decimals than the currency has.
    #[error("the amount has {found} decimal{}, its currency has {allowed}", if *found == 1 { "" } else { "s" })]
    TooManyDecimals {
        /// The number of decimals of the currency.
        allowed: u8,
        /// The number of decimals in the text.
        found: usize,
    },
    /// Below zero.
    #[error("the amount is negative")]
    Negative,
    /// Not digits with at most one decimal point. Holds the beginning of the text.
    #[error("the amount is not a number such as 1234.50, in digits and with a point before the decimals")]
    NotANumber(String),
}

impl Amount {
    /// Zero.
    pub const ZERO: Amount = Amount::of(0);
    /// The smallest amount that can move: one minor unit.
    pub const ONE: Amount = Amount::of(1);
    /// The largest amount, 2^53 − 1 minor units.
    pub const MAX: Amount = Amount::of(MAX_MINOR_UNITS);

    /// Returns the amount of `minor_units`, which must be at most 2^53 − 1.
    const fn of(minor_units: u64) -> Amount {
        Amount(NonZeroU64::MIN.saturating_add(minor_units))
    }

    /// Creates an amount of `minor_units`.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] above 2^53 − 1.
    pub const fn new(minor_units: u64) -> Result<Amount, AmountError> {
        if minor_units > MAX_MINOR_UNITS { Err(AmountError::TooLarge) } else { Ok(Amount::of(minor_units)) }
    }

    /// Parses a decimal such as `"1234.50"` in a currency with `scale` decimals.
    ///
    /// The text may have fewer decimals than the currency, but not more, not even zeros: a file with extra decimals was
    /// most likely made for another currency.
    ///
    /// # Errors
    /// Every variant of [`AmountError`].
    pub fn parse(text: &str, scale: u8) -> Result<Amount, AmountError> {
        let not_a_number = || AmountError::NotANumber(text.chars().take(40).collect());
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(not_a_number()),
            Some(parts) => parts,
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(rest) = whole.strip_prefix('-')
            && !rest.is_empty()
            && digits(rest)
            && digits(fraction)
        {
            return Err(AmountError::Negative);
        }
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(not_a_number());
        }
        if fraction.len() > usize::from(scale) {
            return Err(AmountError::TooManyDecimals { allowed: scale, found: fraction.len() });
        }
        let padding = usize::from(scale).saturating_sub(fraction.len());
        let mut units: u64 = 0;
        for byte in whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', padding)) {
            let digit = u64::from(byte.saturating_sub(b'0'));
            units = units.checked_mul(10).and_then(|units| units.checked_add(digit)).ok_or(AmountError::TooLarge)?;
        }
        Amount::new(units)
    }

    /// Returns the number of minor units.
    pub const fn minor_units(self) -> u64 {
        self.0.get().saturating_sub(1)
    }

    /// Returns whether the amount is zero.
    pub const fn is_zero(self) -> bool {
        self.minor_units() == 0
    }

    /// Returns the sum, or `None` above 2^53 − 1.
    pub const fn checked_add(self, other: Amount) -> Option<Amount> {
        // Two values below 2^53 cannot overflow 64 bits.
        let sum = self.minor_units().saturating_add(other.minor_units());
        if sum > MAX_MINOR_UNITS { None } else { Some(Amount::of(sum)) }
    }

    /// Returns the difference, or `None` below zero.
    pub const fn checked_sub(self, other: Amount) -> Option<Amount> {
        match self.minor_units().checked_sub(other.minor_units()) {
            Some(difference) => Some(Amount::of(difference)),
            None => None,
        }
    }

    /// Returns the difference, or zero if it would be negative.
    pub const fn saturating_sub(self, other: Amount) -> Amount {
        Amount::of(self.minor_units().saturating_sub(other.minor_units()))
    }

    /// Returns the sum, capped at [`Amount::MAX`].
    pub const fn saturating_add(self, other: Amount) -> Amount {
        match self.checked_add(other) {
            Some(sum) => sum,
            None => Amount::MAX,
        }
    }

    /// Formats the amount as a decimal of a currency with `scale` decimals, for example `1234.50`.
    pub fn to_decimal(self, scale: u8) -> String {
        decimal(false, self.minor_units(), scale)
    }

    const fn signed(self) -> i64 {
        // In range: at most 2^53 − 1.
        self.minor_units().cast_signed()
    }
}

impl Default for Amount {
    fn default() -> Amount {
        Amount::ZERO
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.minor_units().fmt(f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Amount").field(&self.minor_units()).finish()
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.minor_units().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Amount::new(u64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// The balance of an account, from −(2^53 − 1) to 2^53 − 1 minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Balance(i64);

impl Balance {
    /// Zero.
    pub const ZERO: Balance = Balance(0);

    /// Creates a balance, or returns `None` beyond ±(2^53 − 1).
    pub const fn new(minor_units: i64) -> Option<Balance> {
        if minor_units > MAX_SIGNED || minor_units < -MAX_SIGNED { None } else { Some(Balance(minor_units)) }
    }

    /// Returns the number of minor units.
    pub const fn minor_units(self) -> i64 {
        self.0
    }

    /// Returns the balance after a credit of `amount`, or `None` above 2^53 − 1.
    pub const fn credit(self, amount: Amount) -> Option<Balance> {
        Balance::new(self.0.saturating_add(amount.signed()))
    }

    /// Returns the balance after a debit of `amount`, or `None` below −(2^53 − 1).
    pub const fn debit(self, amount: Amount) -> Option<Balance> {
        Balance::new(self.0.saturating_sub(amount.signed()))
    }

    /// Returns the amount that may be spent when the balance may fall to `−overdraft`. It is zero if the balance is
    /// already below that.
    ///
    /// The result is at most 2^53 − 1, however large the balance and the overdraft are together.
    pub const fn available(self, overdraft: Amount) -> Amount {
        let room = self.0.saturating_add(overdraft.signed());
        if room <= 0 {
            Amount::ZERO
        } else if room > MAX_SIGNED {
            Amount::MAX
        } else {
            Amount::of(room.unsigned_abs())
        }
    }

    /// Returns whether the balance is below `−overdraft`.
    pub const fn is_below(self, overdraft: Amount) -> bool {
        self.0.saturating_add(overdraft.signed()) < 0
    }

    /// Formats the balance as a decimal of a currency with `scale` decimals, for example `-0.05`.
    pub fn to_decimal(self, scale: u8) -> String {
        decimal(self.0 < 0, self.0.unsigned_abs(), scale)
    }
}

impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<u64> for Amount {
    type Error = AmountError;

    fn try_from(minor_units: u64) -> Result<Self, AmountError> {
        Amount::new(minor_units)
    }
}

impl TryFrom<i64> for Amount {
    type Error = AmountError;

    fn try_from(minor_units: i64) -> Result<Self, AmountError> {
        u64::try_from(minor_units).map_err(|_| AmountError::Negative)?.try_into()
    }
}

impl TryFrom<u128> for Amount {
    type Error = AmountError;

    fn try_from(minor_units: u128) -> Result<Self, AmountError> {
        u64::try_from(minor_units).map_err(|_| AmountError::TooLarge)?.try_into()
    }
}

impl TryFrom<Balance> for Amount {
    type Error = AmountError;

    fn try_from(balance: Balance) -> Result<Self, AmountError> {
        balance.0.try_into()
    }
}

impl TryFrom<i64> for Balance {
    type Error = AmountError;

    fn try_from(minor_units: i64) -> Result<Self, AmountError> {
        Balance::new(minor_units).ok_or(AmountError::TooLarge)
    }
}

impl From<Amount> for u64 {
    fn from(amount: Amount) -> u64 {
        amount.minor_units()
    }
}

impl From<Balance> for i64 {
    fn from(balance: Balance) -> i64 {
        balance.0
    }
}

/// Sums amounts in 128 bits, without the bound of a single amount. `Amount::try_from(sum)` checks the bound.
impl Sum<Amount> for u128 {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> u128 {
        amounts.fold(0, |sum, amount| sum.saturating_add(u128::from(amount.minor_units())))
    }
}

impl<'a> Sum<&'a Amount> for u128 {
    fn sum<I: Iterator<Item = &'a Amount>>(amounts: I) -> u128 {
        amounts.copied().sum()
    }
}

impl From<Amount> for Balance {
    fn from(amount: Amount) -> Self {
        Balance(amount.signed())
    }
}

impl<'de> Deserialize<'de> for Balance {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Balance::new(i64::deserialize(deserializer)?)
            .ok_or_else(|| serde::de::Error::custom("the balance is beyond 2^53 − 1 minor units"))
    }
}

/// Sums balances in 128 bits, without the bound of a single balance. The sum of 2^74 balances fits.
impl Sum<Balance> for i128 {
    fn sum<I: Iterator<Item = Balance>>(balances: I) -> i128 {
        balances.fold(0i128, |sum, balance| sum.saturating_add(i128::from(balance.0)))
    }
}

fn decimal(negative: bool, units: u64, scale: u8) -> String {
    let scale = usize::from(scale);
    let digits = format!("{units:0>width$}", width = scale.saturating_add(1));
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(scale));
    let sign = if negative { "-" } else { "" };
    let point = if scale == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_by_the_scale_of_the_currency() {
        let cases: &[(&str, u8, Result<u64, AmountError>)] = &[
            ("0", 0, Ok(0)),
            ("2452.00", 2, Ok(245_200)),
            ("2452.5", 2, Ok(245_250)),
            ("2452", 2, Ok(245_200)),
            ("0.001", 3, Ok(1)),
            ("007", 0, Ok(7)),
            ("9007199254740991", 0, Ok(MAX_MINOR_UNITS)),
            ("9007199254740992", 0, Err(AmountError::TooLarge)),
            ("90071992547409.92", 2, Err(AmountError::TooLarge)),
            ("99999999999999999999999999", 0, Err(AmountError::TooLarge)),
            ("1.0", 0, Err(AmountError::TooManyDecimals { allowed: 0, found: 1 })),
            ("1.234", 2, Err(AmountError::TooManyDecimals { allowed: 2, found: 3 })),
            ("-1", 0, Err(AmountError::Negative)),
            ("-0.01", 2, Err(AmountError::Negative)),
            ("", 0, Err(AmountError::NotANumber(String::new()))),
            ("-", 0, Err(AmountError::NotANumber("-".into()))),
            (".5", 2, Err(AmountError::NotANumber(".5".into()))),
            ("5.", 2, Err(AmountError::NotANumber("5.".into()))),
            ("1,000", 0, Err(AmountError::NotANumber("1,000".into()))),
            ("1.2.3", 2, Err(AmountError::NotANumber("1.2.3".into()))),
            ("1e3", 0, Err(AmountError::NotANumber("1e3".into()))),
            ("+1", 0, Err(AmountError::NotANumber("+1".into()))),
            ("１", 0, Err(AmountError::NotANumber("１".into()))),
            (" 1", 0, Err(AmountError::NotANumber(" 1".into()))),
        ];
        for (text, scale, expected) in cases {
            let read = Amount::parse(text, *scale).map(Amount::minor_units);
            assert_eq!(&read, expected, "{text:?} with {scale} decimals");
        }
    }

    #[test]
    fn decimals_are_written_as_they_were_read() {
        for (balance, scale, text) in
            [(0, 0, "0"), (0, 2, "0.00"), (5, 2, "0.05"), (-5, 2, "-0.05"), (-123_456, 3, "-123.456"), (7, 0, "7")]
        {
            assert_eq!(Balance(balance).to_decimal(scale), text);
        }
        assert_eq!(Amount::of(245_250).to_decimal(2), "2452.50");
    }

    #[test]
    fn arithmetic_stops_at_the_bounds() {
        assert_eq!(Amount::MAX.checked_add(Amount::of(1)), None);
        assert_eq!(Amount::of(1).checked_sub(Amount::of(2)), None);
        assert_eq!(Balance(MAX_SIGNED).credit(Amount::of(1)), None);
        assert_eq!(Balance(-MAX_SIGNED).debit(Amount::of(1)), None);
        assert_eq!(Balance(-MAX_SIGNED).credit(Amount::MAX), Some(Balance::ZERO));
        assert_eq!(Balance(MAX_SIGNED).available(Amount::MAX), Amount::MAX);
        assert_eq!(Balance(-5).available(Amount::of(3)), Amount::ZERO);
        assert_eq!(Balance(-5).available(Amount::of(8)), Amount::of(3));
        assert!(Balance(-4).is_below(Amount::of(3)));
        assert!(!Balance(-3).is_below(Amount::of(3)));
    }

    #[test]
    fn json_refuses_numbers_beyond_the_bounds() {
        assert!(serde_json::from_str::<Amount>("9007199254740992").is_err());
        assert!(serde_json::from_str::<Amount>("-1").is_err());
        assert!(serde_json::from_str::<Amount>("1.5").is_err());
        assert!(serde_json::from_str::<Balance>("-9007199254740992").is_err());
        assert_eq!(serde_json::from_str::<Balance>("-9007199254740991").ok(), Balance::new(-MAX_SIGNED));
    }
}
