//! Account numbers as people type them.

use std::fmt;
use std::str::FromStr;

use jangbu::{AccountNumber, accounts::NumberError};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

/// An account number as a person types it: with or without separators, in any case and width.
///
/// [`Service::resolve_account`](crate::server::service::Service::resolve_account) finds the account that it names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TypedNumber(pub(crate) AccountNumber);

impl FromStr for TypedNumber {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        AccountNumber::typed(text).map(TypedNumber)
    }
}

impl<'de> Deserialize<'de> for TypedNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = TypedNumber;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an account number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<TypedNumber, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Deserializes a field that a person may have typed an account number into.
pub(crate) fn typed_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccountNumber, D::Error> {
    TypedNumber::deserialize(deserializer).map(|TypedNumber(number)| number)
}
