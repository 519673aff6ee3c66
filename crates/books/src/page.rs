//! The size of pages.

/// The default number of entries on a page.
const USUAL_PAGE: usize = 50;
/// The maximum number of entries on a page.
pub const LARGEST_PAGE: usize = 1_000;

/// Returns the number of entries on a page when `limit` are requested; 0 requests the default.
pub fn page_size(limit: usize) -> usize {
    if limit == 0 { USUAL_PAGE } else { limit.min(LARGEST_PAGE) }
}
