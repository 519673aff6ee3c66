//! What every route shares of HTTP: problems, strict JSON, lists and cursors, keys against repetition.

mod csv;
mod explained;
mod idempotency;
mod json;
mod list;
mod path;
mod problem;
mod refusals;
mod responses;

pub(crate) use csv::{Rows, csv_answer, file, harmless, prefers_csv};
pub(crate) use explained::Named;
pub(crate) use idempotency::IdempotencyKey;
pub(crate) use json::{Json, Query, parse, query, read, unsupported};
pub(crate) use list::{Cursor, List, page_size};
pub(crate) use path::InPath;
pub(crate) use problem::{FieldProblem, Problem, ProblemBody, REQUEST_ID, RequestId};
pub(crate) use responses::{MoveProblems, ReadProblems};
