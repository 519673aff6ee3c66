//! Lists: a page of something, and where the next one begins.

use std::fmt::Display;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;

/// A page of something.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// What was found, in order.
    pub(crate) data: Vec<T>,
    /// Whether there is more.
    pub(crate) has_more: bool,
    /// What to pass as `cursor` for the next page.
    pub(crate) next: Option<String>,
}

impl<T> List<T> {
    /// A page after which another one begins at `next`, if anywhere.
    pub(crate) fn new(data: Vec<T>, next: Option<impl Display>) -> List<T> {
        let next = next.map(|next| Cursor::of(&next).0);
        List { data, has_more: next.is_some(), next }
    }

    /// A page that is all there is.
    pub(crate) const fn whole(data: Vec<T>) -> List<T> {
        List { data, has_more: false, next: None }
    }
}

/// Where a page begins, opaque to the client.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, max_length = 400)]
pub(crate) struct Cursor(String);

impl Cursor {
    /// The cursor of a place.
    pub(crate) fn of(place: &impl Display) -> Cursor {
        Cursor(URL_SAFE_NO_PAD.encode(place.to_string()))
    }

    /// The place of the cursor.
    ///
    /// # Errors
    /// 400 for a text that is no cursor of this list.
    pub(crate) fn place<T: FromStr>(&self) -> Result<T, Problem> {
        let decoded = URL_SAFE_NO_PAD.decode(&self.0).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let place = decoded.and_then(|text| text.parse().ok());
        place.ok_or_else(|| Problem::invalid_field("cursor", "invalid", "pass `next` of the page before"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back() {
        assert_eq!(Cursor::of(&4711).place::<u64>().unwrap(), 4711);
        assert_eq!(Cursor("???".into()).place::<u64>().unwrap_err().code(), "invalid_request");
    }
}
