//! The HTTP dialect of all routes: extractors, problems, strict JSON, lists and cursors, idempotency keys.

mod domain_errors;
mod double_option;
mod files;
mod idempotency;
mod json;
mod list;
mod number;
mod path;
mod problem;
mod refusals;
mod refused_field;
mod responses;
mod row_count;
mod strict;

pub(crate) use double_option::double_option;
pub(crate) use files::{FileRequest, ListFormat, Rows};
pub(crate) use idempotency::{IDEMPOTENCY_KEY, IdempotencyKey, PaymentKey, in_own_task, note_replayed, with_replays};
pub(crate) use json::{Json, Query, Receiving, parse, query, unsupported, without_mark};
pub(crate) use list::{Cursor, List, page_size};
pub(crate) use number::{TypedNumber, typed_number};
pub(crate) use path::{PathAccount, PathParams};
pub(crate) use problem::{FieldProblem, Problem, ProblemBody, ProblemCode, REQUEST_ID, RequestId};
pub(crate) use refused_field::TransferAccounts;
pub(crate) use responses::{Archived, Conflict, NotFound, Refused, Unproven, describe_problems};
pub(crate) use row_count::RowCount;
pub(crate) use strict::from_slice;
