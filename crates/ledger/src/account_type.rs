//! Account types: the terms that their accounts share.

use std::fmt;
use std::str::FromStr;

use arrayvec::ArrayString;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Amount, Currency};

/// The code of an account type: 1 to 10 ASCII letters, digits, hyphens and underscores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TypeCode(ArrayString<10>);

/// A text that is not a valid [`TypeCode`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a type's code is 1 to 10 ASCII letters, digits, hyphens and underscores, not {0:?}")]
pub struct TypeCodeError(String);

impl TypeCode {
    /// Parses a type code.
    ///
    /// # Errors
    /// [`TypeCodeError`] if the text is not 1 to 10 ASCII letters, digits, hyphens and underscores.
    pub fn new(code: &str) -> Result<TypeCode, TypeCodeError> {
        let error = || TypeCodeError(code.chars().take(40).collect());
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if code.is_empty() || !code.bytes().all(legal) {
            return Err(error());
        }
        ArrayString::from(code).map(TypeCode).map_err(|_| error())
    }

    /// Returns the code of the built-in type, `basic`: any currency, no fee, no limits.
    pub fn basic() -> TypeCode {
        let mut code = ArrayString::new();
        code.push_str("basic");
        TypeCode(code)
    }

    /// Returns the code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TypeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for TypeCode {
    type Err = TypeCodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        TypeCode::new(text)
    }
}

impl<'de> Deserialize<'de> for TypeCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = ArrayString::<10>::deserialize(deserializer)?;
        TypeCode::new(&code).map_err(serde::de::Error::custom)
    }
}

/// The terms that the accounts of one type share. Everything except the code and the currency can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountType {
    /// The code that identifies the type.
    pub code: TypeCode,
    /// The display name, for example "savings"; 1 to 60 characters.
    pub name: String,
    /// The currency of every account of the type. Only the built-in type has `None`.
    pub currency: Option<Currency>,
    /// The largest amount of one transfer, without the fee. `None` means no limit; zero blocks transfers.
    pub limit_per_transfer: Option<Amount>,
    /// The largest total of an account's transfers in one business day, without fees. `None` means no limit.
    pub limit_per_day: Option<Amount>,
    /// The fee that the sender pays per transfer once the day's free transfers are used up.
    pub fee: Amount,
    /// Whether transfers between two accounts of the same owner, both of this type, are free and do not use up free
    /// transfers.
    pub same_owner_exempt: bool,
}

impl AccountType {
    /// The maximum number of characters in a type's name.
    pub const MAX_NAME_CHARS: usize = 60;

    /// Returns the built-in type: any currency, no fee, no limits.
    pub fn basic() -> AccountType {
        AccountType {
            code: TypeCode::basic(),
            name: "basic".into(),
            currency: None,
            limit_per_transfer: None,
            limit_per_day: None,
            fee: Amount::ZERO,
            same_owner_exempt: true,
        }
    }

    /// Creates a type without limits or a fee. Set the fields to change its terms.
    pub fn new(code: TypeCode, name: impl Into<String>, currency: Currency) -> AccountType {
        AccountType { code, name: name.into(), currency: Some(currency), ..AccountType::basic() }
    }
}
