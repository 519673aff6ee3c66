//! Fields for which absent, null and a value mean three different things.

use serde::{Deserialize, Deserializer};

/// Deserializes a field that is present, null included. With `#[serde(default)]` beside it, `None` stands for an absent
/// field and `Some(None)` for null.
///
/// # Errors
/// Those of `T`.
pub(crate) fn double_option<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
