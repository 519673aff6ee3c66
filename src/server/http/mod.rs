//! What every route shares of HTTP: problems, strict JSON, lists and cursors, keys against repetition.

mod explained;
mod files;
mod idempotency;
mod json;
mod list;
mod path;
mod problem;
mod refusals;
mod responses;

pub(crate) use explained::Named;
pub(crate) use files::{FileWanted, Form, Rows};
pub(crate) use idempotency::IdempotencyKey;
pub(crate) use json::{Json, Query, parse, query, read, unsupported};
pub(crate) use list::{Cursor, List, page_size};
pub(crate) use path::InPath;
pub(crate) use problem::{FieldProblem, Problem, ProblemBody, REQUEST_ID, RequestId};
pub(crate) use responses::{MoveProblems, ReadProblems};
