//! Fields that can be left out, be null, or have a value: three different wishes.

use serde::{Deserialize, Deserializer};

/// Reads a field that is there, null included. With `#[serde(default)]` beside it, `None` stands for a field that was left
/// out, and `Some(None)` for null.
///
/// # Errors
/// Those of `T`.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
