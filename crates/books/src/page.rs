//! How large pages are.

/// How many entries a page has when the caller does not say.
const USUAL_PAGE: usize = 50;
/// How many entries a page has at most.
pub const LARGEST_PAGE: usize = 1_000;

/// The number of entries of a page for which `limit` are asked; 0 asks for the usual number.
pub fn page_size(limit: usize) -> usize {
    if limit == 0 { USUAL_PAGE } else { limit.min(LARGEST_PAGE) }
}
