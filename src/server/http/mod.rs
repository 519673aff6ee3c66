//! What every route shares of HTTP: problems, strict JSON, lists and cursors, keys against repetition.

mod explained;
mod files;
mod given;
mod idempotency;
mod json;
mod list;
mod path;
mod problem;
mod refusals;
mod responses;
mod rows_told;
mod strict;

pub(crate) use explained::Named;
pub(crate) use files::{FileWanted, Form, Rows};
pub(crate) use given::given;
pub(crate) use idempotency::{IdempotencyKey, in_own_task, note_replayed, with_replays};
pub(crate) use json::{Json, Query, Receiving, parse, query, unsupported, without_mark};
pub(crate) use list::{Cursor, List, page_size};
pub(crate) use path::{InPath, Typed, typed};
pub(crate) use problem::{FieldProblem, Problem, ProblemBody, ProblemCode, REQUEST_ID, RequestId};
pub(crate) use responses::{KeyProblems, LimitProblems, MoveProblems, ReadProblems};
pub(crate) use rows_told::RowsTold;
pub(crate) use strict::from_slice;
