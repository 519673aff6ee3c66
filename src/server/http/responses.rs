//! What a route can answer other than what was asked for, for the API's description.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

/// The problems of a route that reads.
#[derive(Debug)]
pub(crate) struct ReadProblems;

/// The problems of a route that changes something.
#[derive(Debug)]
pub(crate) struct MoveProblems;

/// What limits answer in front of a route that changes something.
#[derive(Debug)]
pub(crate) struct LimitProblems;

/// What a key against repetition can be answered with.
#[derive(Debug)]
pub(crate) struct KeyProblems;

const REPEATING: [(u16, &str); 3] = [
    (400, "The key is not one, or there are two."),
    (409, "The key was used for something else."),
    (410, "The first answer is gone."),
];

const LIMITING: [(u16, &str); 3] = [
    (408, "The body did not arrive in time."),
    (429, "Too many requests; again after `Retry-After`."),
    (503, "The bank cannot answer now, or is short of storage; again after `Retry-After`."),
];

const READING: [(u16, &str); 7] = [
    (400, "The request does not fit the schema."),
    (401, "Nobody is signed in."),
    (403, "The caller's role or token does not allow it."),
    (404, "Unknown, or not the caller's."),
    (410, "It is archived."),
    (429, "Too many requests; again after `Retry-After`."),
    (503, "The bank cannot answer now; again after `Retry-After`."),
];

const MOVING: [(u16, &str); 4] = [
    (409, "The key was used for something else, or it is over already."),
    (413, "The body is too large."),
    (415, "The body is not JSON."),
    (422, "The ledger refuses."),
];

impl IntoResponses for ReadProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        READING.iter().map(described).collect()
    }
}

impl IntoResponses for MoveProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        READING.iter().chain(&MOVING).map(described).collect()
    }
}

impl IntoResponses for KeyProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        REPEATING.iter().map(described).collect()
    }
}

impl IntoResponses for LimitProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        LIMITING.iter().map(described).collect()
    }
}

fn described((status, description): &(u16, &str)) -> (String, RefOr<Response>) {
    let schema = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = ResponseBuilder::new().description(*description).content("application/problem+json", schema).build();
    (status.to_string(), RefOr::T(response))
}
