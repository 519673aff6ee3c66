//! Lists: a page of something, and where the next one begins.

use std::fmt::Display;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;

/// The most that a page has.
const LARGEST_PAGE: u32 = 200;
/// What a page has when nothing is said.
const USUAL_PAGE: u32 = 50;

/// A page of something.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// What was found, in order.
    pub(crate) data: Vec<T>,
    /// Whether there is more.
    pub(crate) has_more: bool,
    /// What to pass as `cursor` for the next page.
    pub(crate) next: Option<String>,
    /// What to pass as `cursor` for the page before, in lists that go back too; left out on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) previous: Option<String>,
}

impl<T> List<T> {
    /// A page after which another one begins at `next`, if anywhere.
    pub(crate) fn new(data: Vec<T>, next: Option<impl Display>) -> List<T> {
        let next = next.map(|next| Cursor::of(&next).0);
        List { data, has_more: next.is_some(), next, previous: None }
    }

    /// The page after another one that ends at `previous`, if at any.
    #[must_use]
    pub(crate) fn after(self, previous: Option<impl Display>) -> List<T> {
        List { previous: previous.map(|previous| Cursor::of(&previous).0), ..self }
    }

    /// A page that is all there is.
    pub(crate) const fn whole(data: Vec<T>) -> List<T> {
        List { data, has_more: false, next: None, previous: None }
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

/// How many a page has, of what the client asked for: 50 if nothing.
///
/// # Errors
/// 400 for none, or more than 200.
pub(crate) fn page_size(limit: Option<u32>) -> Result<usize, Problem> {
    let size = limit.unwrap_or(USUAL_PAGE);
    if !(1..=LARGEST_PAGE).contains(&size) {
        return Err(Problem::invalid_field("limit", "out_of_range", format!("a page has 1 to {LARGEST_PAGE}")));
    }
    Ok(usize::try_from(size).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_bounded() {
        assert_eq!(page_size(None).unwrap(), 50);
        assert_eq!(page_size(Some(200)).unwrap(), 200);
        assert!(page_size(Some(0)).is_err() && page_size(Some(201)).is_err());
    }

    #[test]
    fn a_cursor_comes_back() {
        assert_eq!(Cursor::of(&4711).place::<u64>().unwrap(), 4711);
        assert_eq!(Cursor("???".into()).place::<u64>().unwrap_err().code(), "invalid_request");
    }
}
