//! The problems that an operation can answer with, as the OpenAPI document lists them.
//!
//! Most follow from what an operation takes: who may call it, its path, its body, its idempotency key. [`describe_problems`]
//! adds these to every operation. A route names only the others, beside its own answer: `responses((status = 200, …), Refused)`.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};

use super::IDEMPOTENCY_KEY;

/// 401 of an operation by which somebody proves who they are.
#[derive(Debug)]
pub(crate) struct Unproven;

/// 404 of an operation that names something in its query or body.
#[derive(Debug)]
pub(crate) struct NotFound;

/// 409 of an operation that depends on the state of what it changes.
#[derive(Debug)]
pub(crate) struct Conflict;

/// 410 of an operation that reads the journal.
#[derive(Debug)]
pub(crate) struct Archived;

/// 422 of an operation that the ledger or another rule of the bank can refuse.
#[derive(Debug)]
pub(crate) struct Refused;

const UNPROVEN: (u16, &str) = (401, "The proof of who the caller is was not accepted; see `code`.");
const NOT_FOUND: (u16, &str) = (404, "It does not exist, or the caller may not see it.");
const CONFLICT: (u16, &str) = (409, "The present state does not allow it, or it has just been changed; see `code`.");
const ARCHIVED: (u16, &str) = (410, "The records that this needs are archived.");
const REFUSED: (u16, &str) = (422, "The request is well formed and refused; `code` and `figures` give the reason.");

/// Of every operation.
const ALWAYS: [(u16, &str); 3] = [
    (400, "The request does not match the schema; `errors` names the fields."),
    (429, "Too many requests. Retry after the seconds in `Retry-After`."),
    (503, "The bank is overloaded or unavailable. Retry after the seconds in `Retry-After`."),
];
/// Of an operation that needs a session or token.
const AUTHENTICATED: (u16, &str) = (401, "No session or token, or one that is no longer valid.");
/// Of an operation that needs a session or token, or that a page of another site could call.
const PERMITTED: (u16, &str) = (403, "The caller's role, session or token does not allow it; see `code`.");
/// Of an operation with a body.
const WITH_BODY: [(u16, &str); 3] = [
    (408, "The body did not arrive in time. Nothing was done."),
    (413, "The body is too large."),
    (415, "The media type of the body is not supported."),
];
/// Of an operation with an idempotency key.
const WITH_KEY: [(u16, &str); 2] = [
    (409, "The key was used for a different request, or the present state does not allow it; see `code`."),
    (410, "The first answer to this key was erased together with its member, or is archived."),
];

impl IntoResponses for Unproven {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([problem(UNPROVEN)])
    }
}

impl IntoResponses for NotFound {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([problem(NOT_FOUND)])
    }
}

impl IntoResponses for Conflict {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([problem(CONFLICT)])
    }
}

impl IntoResponses for Archived {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([problem(ARCHIVED)])
    }
}

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([problem(REFUSED)])
    }
}

/// Adds to every operation the problems that follow from what it takes. Its security must be described before.
pub(crate) fn describe_problems(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        let reading = [&mut item.get].into_iter().flatten().map(|operation| (operation, false));
        let changing = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        let changing = changing.into_iter().flatten().map(|operation| (operation, true));
        for (operation, changes) in reading.chain(changing) {
            let problems: Vec<_> = problems_of(operation, changes).into_iter().map(problem).collect();
            for (status, response) in problems {
                operation.responses.responses.entry(status).or_insert(response);
            }
        }
    }
}

fn problems_of(operation: &Operation, changes: bool) -> Vec<(u16, &'static str)> {
    let mut found = ALWAYS.to_vec();
    let is_open = operation.security.iter().flatten().all(|way| *way == Default::default());
    if !is_open {
        found.push(AUTHENTICATED);
    }
    if !is_open || changes {
        found.push(PERMITTED);
    }
    let takes = |named: fn(&utoipa::openapi::path::Parameter) -> bool| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if named(parameter)))
    };
    if takes(|parameter| parameter.parameter_in == ParameterIn::Path) {
        found.push(NOT_FOUND);
    }
    if operation.request_body.is_some() {
        found.extend(WITH_BODY);
    }
    if takes(|parameter| parameter.name == IDEMPOTENCY_KEY) {
        found.extend(WITH_KEY);
    }
    found
}

fn problem((status, description): (u16, &str)) -> (String, RefOr<Response>) {
    let schema = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = ResponseBuilder::new().description(description).content("application/problem+json", schema).build();
    (status.to_string(), RefOr::T(response))
}
