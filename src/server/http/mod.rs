//! What every route shares of HTTP: problems, strict JSON, lists and cursors, keys against repetition.

mod idempotency;
mod json;
mod list;
mod problem;
mod refusals;

pub(crate) use idempotency::IdempotencyKey;
pub(crate) use json::{Json, Query};
pub(crate) use list::{Cursor, List};
pub(crate) use problem::{FieldProblem, Problem, ProblemBody, REQUEST_ID, RequestId};
