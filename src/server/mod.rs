//! The bank as a service: members, sign-in, transfers, reports and administration over HTTP.
//!
//! | module | what it is | what it must never do |
//! | --- | --- | --- |
//! | `config` | the operator's settings, from flags, environment and `jangbu.toml` | have an unsafe default |
//! | `service` | the state shared by all requests | be locked while money is decided |
//! | `http` | extractors, problems, JSON, cursors, idempotency keys | decide anything |
//! | `edge` | layers around every route: request ids, headers, limits, requests from other sites | know of a member |
//! | `app`, `run` | assembles, starts and stops the service | lose what was acknowledged |
//! | `networks` | the networks that an address belongs to | ask anybody |
//! | `rates` | rate limits by member, by address and in total | grow without bound |
//! | `pace` | counts runs of standing orders among their owner's transfers | lose a run |
//! | `budgets` | the budget that each operation is charged to | leave an operation without a budget |
//! | `acquaintance` | limits how many of others' accounts a member can name | reveal which numbers exist to a caller who tries them all |
//! | `bodies` | the memory for request bodies being received | give one caller everybody's share |
//! | `descriptors` | open files, shared between connections and the bank | leave the bank none |
//! | `storage` | the free space on the disk | stop staff before the disk does |
//! | `principal` | the caller and their permissions | let a route go unauthorized |
//! | `access` | the permission, scope and proof that each route requires, in one table | miss a route |
//! | `scopes` | the scopes and restrictions of tokens | allow more than a role does |
//! | `allowances` | what tokens with a daily total have paid | let a restart forget it |
//! | `interests` | keeps staff out of their own and their household's accounts | know a role |
//! | `proof` | fresh proofs that a person is present | take a token for a person |
//! | `unproven` | limits above which moving money requires a proof, and the sums of a day without one | let a restart forget it |
//! | `identity` | names the member in every answer, and refuses requests meant for another member | change what a route answers |
//! | `members` | members, their credentials, sessions and tokens, sealed in the journal | keep a secret in the clear |
//! | `turns` | serializes requests about the same thing | make other requests wait |
//! | `answers` | keeps first answers for repeated requests | answer a repetition as a new request |
//! | `audit` | the log of who did or read what | forget |
//! | `facts` | a cache of the owners and currencies of accounts | keep what can change |
//! | `finishing` | completes changes whose client has disconnected | start more than its limit |
//! | `shapes` | the API's representation of money, one file per shape | ask the bank |
//! | `streams` | event streams | show a viewer what belongs to others |
//! | `metric_table` | every metric that the service exports, with its meaning | measure anything |
//! | `gauges` | the engine's activity, second by second | slow it down |
//! | `listing` | lists for administration: search, filters, order, pages, exports | know a resource |
//! | `dashboard` | the files of the web dashboard | depend on the caller |
//! | `routes` | one file per resource: reads the request, asks the bank, answers | decide about money |
//!
//! This module must never decide about money. The ledger decides; this is its edge.

#[cfg(test)]
mod abuse_tests;
mod access;
mod acquaintance;
mod allowances;
mod answers;
mod app;
mod audit;
mod bodies;
mod budgets;
pub(crate) mod config;
mod dashboard;
mod demo;
mod descriptors;
#[cfg(test)]
mod dropped_tests;
mod edge;
mod exposition;
mod exposure;
mod facts;
mod finishing;
mod founding;
mod gauges;
mod http;
mod identity;
mod interests;
mod listing;
pub(crate) mod local;
#[cfg(test)]
mod matrix_tests;
mod members;
mod metric_table;
mod networks;
pub(crate) mod openapi;
mod pace;
pub(crate) mod principal;
mod proof;
#[cfg(test)]
mod proof_tests;
mod rates;
mod routes;
pub(crate) mod run;
pub(crate) mod scopes;
mod service;
mod setup;
mod shapes;
mod stopping;
mod storage;
mod streams;
#[cfg(test)]
mod strictness_tests;
#[cfg(test)]
mod testing;
mod time;
#[cfg(test)]
mod trespass_tests;
mod turns;
mod unproven;
#[cfg(test)]
mod unproven_tests;
mod verifier_http;

pub(crate) use members::{Keys, KeysError, KeysFound, MEMBER_RECORDS, verify_keys};
