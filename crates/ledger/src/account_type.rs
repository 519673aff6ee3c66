//! Account types: the terms that accounts of one kind share.

use std::fmt;
use std::str::FromStr;

use arrayvec::ArrayString;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Amount, Currency};

/// The code of an account type: 1 to 10 ASCII letters, digits, hyphens and underscores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TypeCode(ArrayString<10>);

/// A text that is no [`TypeCode`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a type's code is 1 to 10 ASCII letters, digits, hyphens and underscores, not {0:?}")]
pub struct TypeCodeError(String);

impl TypeCode {
    /// Reads a type's code.
    ///
    /// # Errors
    /// [`TypeCodeError`] when the text is not 1 to 10 ASCII letters, digits, hyphens and underscores.
    pub fn new(code: &str) -> Result<TypeCode, TypeCodeError> {
        let error = || TypeCodeError(code.chars().take(40).collect());
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if code.is_empty() || !code.bytes().all(legal) {
            return Err(error());
        }
        ArrayString::from(code).map(TypeCode).map_err(|_| error())
    }

    /// The built-in type, `basic`: any currency, no fee, no limits.
    pub fn basic() -> TypeCode {
        let mut code = ArrayString::new();
        code.push_str("basic");
        TypeCode(code)
    }

    /// The code as text.
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

/// What accounts of one type have in common. All of it but the code and the currency can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountType {
    /// The code by which accounts name their type.
    pub code: TypeCode,
    /// The name that people read, for example "savings"; up to 60 characters.
    pub name: String,
    /// The currency of every account of the type; `None` only for the built-in type.
    pub currency: Option<Currency>,
    /// The most that one transfer may move, the fee not counted; `None` for no limit, zero for no transfers.
    pub limit_per_transfer: Option<Amount>,
    /// The most that an account's transfers may move in one business day, fees not counted; `None` for no limit.
    pub limit_per_day: Option<Amount>,
    /// What a transfer costs the sender once its free transfers of the day are used up.
    pub fee: Amount,
    /// Whether transfers between two accounts of one owner, both of this type, are free and use no free transfer.
    pub same_owner_exempt: bool,
}

impl AccountType {
    /// The most characters of a type's name.
    pub const MAX_NAME_CHARS: usize = 60;

    /// The built-in type: any currency, no fee, no limits.
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

    /// A type with no limits and no fee, to be changed field by field.
    pub fn new(code: TypeCode, name: impl Into<String>, currency: Currency) -> AccountType {
        AccountType { code, name: name.into(), currency: Some(currency), ..AccountType::basic() }
    }
}
