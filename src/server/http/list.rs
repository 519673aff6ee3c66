//! Pages of lists and the cursors between them.

use std::fmt::Display;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problem;

/// The largest page size.
const LARGEST_PAGE: u32 = 200;
/// The default page size.
const DEFAULT_PAGE: u32 = 50;

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The items, in order.
    pub(crate) data: Vec<T>,
    /// Whether there is a next page.
    pub(crate) has_more: bool,
    /// The `cursor` of the next page.
    pub(crate) next: Option<String>,
    /// The `cursor` of the previous page, in lists that can go back; absent on the first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) previous: Option<String>,
}

impl<T> List<T> {
    /// Makes a page; `next` is the start of the next one, if there is one.
    pub(crate) fn new(data: Vec<T>, next: Option<impl Display>) -> List<T> {
        let next = next.map(|next| Cursor::encode(&next).0);
        List { data, has_more: next.is_some(), next, previous: None }
    }

    /// Sets the start of the previous page, if there is one.
    #[must_use]
    pub(crate) fn after(self, previous: Option<impl Display>) -> List<T> {
        List { previous: previous.map(|previous| Cursor::encode(&previous).0), ..self }
    }

    /// Makes the only page of a list.
    pub(crate) const fn whole(data: Vec<T>) -> List<T> {
        List { data, has_more: false, next: None, previous: None }
    }
}

/// The start of a page, opaque to the client.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, max_length = 400)]
pub(crate) struct Cursor(String);

impl Cursor {
    /// Encodes the start of a page.
    pub(crate) fn encode(start: &impl Display) -> Cursor {
        Cursor(URL_SAFE_NO_PAD.encode(start.to_string()))
    }

    /// Decodes the start of a page.
    ///
    /// # Errors
    /// 400 for a text that is not a cursor of this list.
    pub(crate) fn decode<T: FromStr>(&self) -> Result<T, Problem> {
        let decoded = URL_SAFE_NO_PAD.decode(&self.0).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let start = decoded.and_then(|text| text.parse().ok());
        start.ok_or_else(|| Problem::invalid_field("cursor", "invalid", "pass the `next` of the previous page"))
    }
}

/// Returns the page size for a requested limit.
///
/// # Errors
/// 400 for a limit out of 1 to 200.
pub(crate) fn page_size(limit: Option<u32>) -> Result<usize, Problem> {
    let size = limit.unwrap_or(DEFAULT_PAGE);
    if !(1..=LARGEST_PAGE).contains(&size) {
        return Err(Problem::invalid_field("limit", "out_of_range", format!("the page size is 1 to {LARGEST_PAGE}")));
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
        assert_eq!(Cursor::encode(&4711).decode::<u64>().unwrap(), 4711);
        assert_eq!(Cursor("???".into()).decode::<u64>().unwrap_err().code(), "invalid_request");
    }
}
